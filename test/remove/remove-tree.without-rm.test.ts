// What a session leaves goes also where `rm` always fails, as here: a small tree without asking it, any other through descriptors.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Finished, run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { picture, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { script, standIns } from '../helpers/stand-ins.js';

/** Runs an agent in T; `rm` says that it was asked. */
function leaves(here: Scene, commands: string): Promise<Finished> {
  const bin = join(here.box.dir, 'bin');
  script(bin, 'rm', 'echo "rm: asked" >&2\nexit 1');
  const env = { ...here.options.env, ...standIns(bin).env, CANARY: join(here.box.dir, 'canary') };
  const agent = ['sh', '-c', `set -e; cd "$TMPDIR"; ${commands}\nexit 9`];
  return run(qwRun, ['--no-watchdog', ...agent], { ...here.options, env });
}

describe('without rm', { concurrency: 2, skip: process.platform !== 'linux' && 'Linux only' }, () => {
  for (const [what, commands] of [
    ['nothing at all', ':'],
    ['twenty files in directories', 'for n in 1 2 3 4 5; do mkdir -p d/$n; touch d/$n/a d/$n/b d/$n/c; done'],
    [
      'sockets, FIFOs and odd names',
      'mkfifo pipe; mkdir ./-rf " " "*"; touch "$(printf "new\\nline")" ./--help',
    ],
    [
      'links to files and directories outside, to itself and to nothing',
      'mkdir d; ln -s "$CANARY" . ; ln -s "$CANARY/file" d/; ln -s . d/self; ln -s /gone d/none; ln "$CANARY/file" hard',
    ],
  ]) {
    test(`${what} goes`, async (t) => {
      const here = scene(t);
      put(join(here.box.dir, 'canary/file'));
      const names = () => picture(here.box.dir).filter((line) => line.startsWith('canary'));
      const before = names().length;
      const { code, stderr } = await leaves(here, commands as string);
      assert.deepEqual([code, stderr], [9, '']);
      assert.equal(names().length, before);
      here.nothingLeft();
    });
  }
});

describe('where rm fails:', { concurrency: 2 }, () => {
  for (const [what, commands] of [
    ['many files', 'touch $(seq 2000)'],
    ['a large file', 'head -c 2000000 /dev/zero >large'],
    ['a directory that cannot be written', 'mkdir d; touch d/file; chmod 0500 d'],
  ]) {
    test(what as string, async (t) => {
      const here = scene(t);
      const { code, stderr } = await leaves(here, commands as string);
      assert.deepEqual([code, stderr], [9, '']);
      here.nothingLeft();
    });
  }
});
