// The launcher for a slot, under bash: what dash cannot keep is kept too. And qw-exec under whatever else is /bin/sh.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { command, launcherIn } from '../helpers/exec.js';
import { qwExec } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

const SHELLS: [name: string, words: (here: Scene) => string[], keepsAllNames: boolean][] = [
  ['the launcher under bash -p', (here) => [launcherIn(here)], true],
  ['sh', () => [qwExec], false],
  ['bash', () => ['/bin/bash', qwExec], true],
  ['busybox', () => ['/bin/busybox', 'sh', qwExec], false],
];

for (const [name, words, keepsAllNames] of SHELLS)
  describe(name, { skip: name === 'busybox' && !existsSync('/bin/busybox') && 'no busybox here' }, () => {
    test('opens a session by the planner and by a plan, and passes on what it gets', async (t) => {
      const here = scene(t);
      const agent = command(
        here,
        'printf "%s\\n" "$@" "$TMPDIR"; tr "\\0" "\\n" </proc/$$/environ | grep -c "^odd-name=1$"',
      );
      const env = { ...here.options.env, 'odd-name': '1' };
      const [file = '', ...first] = words(here);
      for (const isPlanned of [false, true]) {
        const args = [...first, agent, 'a b', "'", '"\\'];
        const { stdout, stderr, status } = spawnSync(file, args, { ...here.options, env, encoding: 'utf8' });
        const [lease = '', ...said] = stdout.split('\n');
        const { id, createdAt } = JSON.parse(lease);
        assert.equal(/\.\d{9}Z$/.test(createdAt), isPlanned);
        const tmpdir = join(here.box.root, id, 'tmp');
        assert.deepEqual(said, ['a b', "'", '"\\', tmpdir, keepsAllNames ? '1' : '0', '']);
        assert.deepEqual([status, stderr], [keepsAllNames ? 0 : 1, '']);
      }
      await here.nothingLeftSoon();
    });
  });
