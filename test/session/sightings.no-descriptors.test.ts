// A look while an agent lives that finds no descriptor left. In a file of its own: the other tests leave timers of theirs behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ReleaseOptions } from '#src/end/release-options.js';
import { fs } from '#src/fs.js';
import { watchDescent } from '#src/session/sightings.js';

const skip = process.platform !== 'linux' && 'no procfs';

test('without a descriptor left for it a look is put off, and nothing falls', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const refuse = (path: string) => {
    throw Object.assign(new Error(`EMFILE: too many open files, open '${path}'`), { code: 'EMFILE' });
  };
  t.mock.method(fs, 'readFileSync', refuse as never);
  t.mock.method(fs, 'readdirSync', refuse as never);
  const fallen: unknown[] = [];
  const hear = (error: unknown) => fallen.push(error);
  process.on('uncaughtException', hear).on('unhandledRejection', hear);
  t.after(() => process.off('uncaughtException', hear).off('unhandledRejection', hear));
  const forget = watchDescent(() => ({}) as ReleaseOptions);
  t.mock.timers.tick(500);
  for (let turns = 0; turns < 5; turns += 1) await turn();
  forget();
  assert.deepEqual(fallen, []);
});
