// The real tmux, started inside: its server outlives the agent, with the TMPDIR that its windows have, and when it goes so do they.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const skip = noIsolation() || (hasTmux ? false : 'tmux is not installed');
/** tmux is spared by the built-in list; named, and kept as anybody is, too. */
const FLAGS = [['--spare', 'tmux'], ['--survivors', 'keep'], []];
const MODES = [['tmpfs'], ['tmp'], ['tmp', '--size', '4M']];

for (const mode of MODES)
  test(mode.join(' '), { skip }, async (t) => {
    for (const flags of FLAGS) {
      const here = scene(t);
      const socket = join(here.box.cwd, 'socket'); // reached from outside too
      const tmux = (...args: string[]) =>
        spawnSync('tmux', ['-f', '/dev/null', '-S', socket, ...args], { ...here.options, encoding: 'utf8' });
      t.after(() => tmux('kill-server'));
      const script = `echo kept >"$TMPDIR/f"; tmux -f /dev/null -S ${socket} new-session -d 'exec sleep 600'; exit 7`;
      const { code, stderr } = await run(
        qwRun,
        ['--isolate', ...mode, ...flags, 'sh', '-c', script],
        here.options,
      );
      assert.equal(code, 7);
      assert.match(stderr, /^qw-run: \S+ stays while it is in use by tmux[^\n]*\n$/);
      assert.equal(here.box.left().length, 1);
      tmux(
        'new-window',
        `cp "$TMPDIR/f" ${here.box.cwd}/draft && mv ${here.box.cwd}/draft ${here.box.cwd}/copy`,
      );
      await waitUntil('its new window sees the TMPDIR', () => existsSync(join(here.box.cwd, 'copy')));
      assert.equal(readFileSync(join(here.box.cwd, 'copy'), 'utf8'), 'kept\n');
      assert.equal(tmux('kill-server').status, 0);
      rmSync(socket, { force: true }); // tmux leaves it
      await here.nothingLeftSoon(['copy']);
    }
  });
