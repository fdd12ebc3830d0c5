// A server's event loop gets its turn in time, however many loops of ours come one after the other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turns } from '#src/clock.js';

test('loops that follow each other share the time until the next turn', async (t) => {
  let ms = 1_000;
  t.mock.method(process, 'uptime', () => ms / 1_000);
  const first = turns();
  assert.ok(first.isOver(), 'who knows how long ago the last turn was');
  await first.pass();
  ms += 3;
  assert.ok(!first.isOver());
  const second = turns();
  ms += 3;
  assert.ok(second.isOver(), 'together they took more than 5 ms');
  await second.pass();
  assert.ok(!first.isOver() && !second.isOver());
});
