// In a terminal, an isolated session is our child as ever: keys reach it, and nothing that keeps its mounts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { openTerminal } from '../helpers/pty.js';
import { type Scene, scene } from '../helpers/scene.js';

const skip = noIsolation();
const inTerminal = (here: Scene, t: Parameters<typeof openTerminal>[0], mode: string, command: string[]) =>
  openTerminal(t, process.execPath, [qwRun, '--isolate', mode, ...command], here.options);

describe('keys', { skip }, () => {
  for (const mode of ['tmpfs', 'tmp']) {
    test(`${mode}: Ctrl-C reaches an agent that traps it once, and its TMPDIR outlives it`, async (t) => {
      const here = scene(t);
      const script =
        'trap "echo caught" INT; echo x >"$TMPDIR/f"; echo ready; read a; read a; cat "$TMPDIR/f"; exit 3';
      const terminal = inTerminal(here, t, mode, ['bash', '-c', script]);
      await terminal.shows('ready');
      terminal.type('\x03');
      await terminal.shows('caught');
      terminal.type('\r\r');
      await terminal.shows(/x\r\n/);
      assert.deepEqual(await terminal.ends(), { exitCode: 3, signal: 0 });
      assert.equal(terminal.screen().split('caught').length, 2);
      here.nothingLeft();
    });
    test(`${mode}: an interactive shell has job control`, async (t) => {
      const here = scene(t);
      const terminal = inTerminal(here, t, mode, ['bash', '--norc', '--noprofile', '--noediting', '-i']);
      terminal.type('PS1="a""t> "\r');
      await terminal.shows('at> ');
      terminal.type(`sh -c 'echo "re"ady; exec sleep 600'\r`);
      await terminal.shows('ready');
      terminal.type('\x1a');
      await terminal.shows('Stopped');
      terminal.type('fg\r');
      await terminal.shows(/fg\r\nsh -c/);
      terminal.type('\x03');
      await terminal.shows('at> ');
      terminal.type('exit 5\r');
      assert.deepEqual(await terminal.ends(), { exitCode: 5, signal: 0 });
      here.nothingLeft();
    });
    test(`${mode}: Ctrl-C ends what does not trap it`, async (t) => {
      const here = scene(t);
      const terminal = inTerminal(here, t, mode, ['sh', '-c', 'echo ready; exec sleep 600']);
      await terminal.shows('ready');
      terminal.type('\x03');
      assert.equal((await terminal.ends()).signal, 2);
      here.nothingLeft();
    });
  }
});
