// A key typed, or a signal sent, while we are still getting ready ends us as it would have ended the command: the agent,
// which could not hear it, is never started.
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { childrenOf } from '../helpers/cli.js';
import { kill } from '../helpers/processes.js';
import { openTerminal } from '../helpers/pty.js';
import { scene } from '../helpers/scene.js';
import { personal } from '../helpers/shell.js';
import { script, standIns } from '../helpers/stand-ins.js';

/** Holds us up where we ask for the terminal's settings, the last thing before the agent starts. */
const SLOW_STTY = 'echo asked >/dev/tty\nexec sleep 600';
const { SIGINT, SIGTERM } = constants.signals;

const table: [what: string, key: string | NodeJS.Signals, exitCode: number, signal: number][] = [
  ['Ctrl-C', '\x03', 0, SIGINT],
  ['Ctrl-\\', '\x1c', 131, 0],
  ['SIGTERM', 'SIGTERM', 0, SIGTERM],
];
for (const [what, key, exitCode, signal] of table) {
  test(`${what} before the agent is there: it never is`, async (t) => {
    const stage = scene(t);
    const bin = join(stage.box.dir, 'tools');
    script(bin, 'stty', SLOW_STTY);
    const env = { ...personal(stage), ...standIns(bin).env };
    const command = ['qw-run', 'sh', '-c', 'touch started; exec sleep 600'];
    const { cwd } = stage.options;
    const terminal = openTerminal(t, 'env', command, { cwd, env });
    await terminal.shows('asked');
    if (key.startsWith('SIG')) {
      kill(terminal.pid, key as NodeJS.Signals);
      for (const pid of childrenOf(terminal.pid)) kill(pid, 'SIGTERM');
    } else terminal.type(key);
    assert.deepEqual(await terminal.ends(), { exitCode, signal }, terminal.screen());
    await stage.nothingLeftSoon();
  });
}
