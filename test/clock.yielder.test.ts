// A long loop gives others their turn, and does not wait where it is not due.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inTurns, newYielder } from '#src/clock.js';

/** A clock that stands still; gives what moves it on. */
function ownClock(t: TestContext): (ms: number) => void {
  let now = 0;
  t.mock.method(process, 'uptime', () => now / 1_000);
  return (ms) => {
    now += ms;
  };
}

test('a turn is over after some milliseconds, and begins anew where it was passed on', async (t) => {
  const wait = ownClock(t);
  const yielder = newYielder();
  for (let passed = 0; passed < 3; passed += 1) {
    wait(2);
    assert.equal(yielder.isDue(), false);
    wait(2);
    assert.equal(yielder.isDue(), true);
    await yielder.yield();
  }
  assert.equal(yielder.isDue(), false);
});

test('others run meanwhile, and the time they take is not ours', async (t) => {
  const wait = ownClock(t);
  const yielder = newYielder();
  const ran = new Promise<void>((resolve) =>
    setImmediate(() => {
      wait(1_000);
      resolve();
    }),
  );
  await yielder.yield();
  await ran;
  assert.equal(yielder.isDue(), false);
});

test('many loops at once hold the event loop no longer than one does', async (t) => {
  const wait = ownClock(t);
  let heldMs = 0;
  let longestMs = 0;
  let isDone = false;
  const others = () => {
    longestMs = Math.max(longestMs, heldMs);
    heldMs = 0;
    if (!isDone) setImmediate(others);
  };
  setImmediate(others);
  function* steps(): Generator<undefined, void> {
    for (let step = 0; step < 20; step += 1) {
      wait(1);
      heldMs += 1;
      yield;
    }
  }
  await Promise.all(Array.from({ length: 50 }, () => inTurns(steps())));
  isDone = true;
  assert.ok(longestMs <= 6, `${longestMs}`);
});

test('steps give what they return, and throw what they throw', async () => {
  function* give(): Generator<undefined, string> {
    yield;
    return 'all';
  }
  function* fail(): Generator<undefined, never> {
    yield;
    throw new Error('no');
  }
  assert.equal(await inTurns(give()), 'all');
  await assert.rejects(inTurns(fail()), /no/);
});
