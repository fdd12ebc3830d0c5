// Looks at all processes while an agent lives: none where nobody was born since the last one, one in ten whatever that says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ReleaseOptions } from '#src/end/release-options.js';
import { fs } from '#src/fs.js';
import { watchDescent } from '#src/session/sightings.js';

const skip = process.platform !== 'linux' && 'no procfs';

// First: the other one leaves a timer of its own behind.
test('there is no look once nobody is watched', { skip }, (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const reads = t.mock.method(fs, 'readdirSync');
  watchDescent(() => ({}) as ReleaseOptions)();
  t.mock.timers.tick(500); // all that a look begins with is read at once
  assert.deepEqual(
    reads.mock.calls.map(({ arguments: [path] }) => path),
    [],
  );
});

test('a look is left out as long as nobody was born', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let [looks, born] = [0, 100];
  const { readFileSync, readdirSync } = fs;
  t.mock.method(fs, 'readFileSync', ((path: string, ...rest: never[]) =>
    path === '/proc/loadavg' ? `0.1 0.2 0.3 1/99 ${born}\n` : readFileSync(path, ...rest)) as never);
  t.mock.method(fs, 'readdirSync', ((path: string, ...rest: never[]) => {
    if (path === '/proc') looks += 1;
    return readdirSync(path, ...rest);
  }) as never);
  const after = async (ms: number) => {
    const before = looks;
    const planned = t.mock.method(globalThis, 'setTimeout');
    t.mock.timers.tick(ms);
    while (planned.mock.callCount() === 0) await turn(); // the next look, once this one is over
    planned.mock.restore();
    return looks - before;
  };
  const forget = watchDescent(() => ({}) as ReleaseOptions);
  assert.equal(await after(500), 1, 'the first');
  assert.equal(await after(60_000), 0, 'nobody is new');
  born += 1;
  assert.equal(await after(60_000), 1, 'somebody is');
  const nobody = [];
  for (let minute = 0; minute < 10; minute += 1) nobody.push(await after(60_000));
  assert.deepEqual(nobody, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  const forgetOther = watchDescent(() => ({}) as ReleaseOptions);
  assert.equal(await after(500), 1, 'another session');
  forget();
  forgetOther();
});
