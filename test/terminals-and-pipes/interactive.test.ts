// Whoever types cannot tell that we are there: the same keys give the same screen, exit status and files with and without
// us, in a shell with its own job control, in a language's prompt, and in a full-screen editor.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { OURS } from '../helpers/modes.js';
import { openTerminal } from '../helpers/pty.js';
import { rendered } from '../helpers/rendered.js';
import { scene } from '../helpers/scene.js';
import { personal } from '../helpers/shell.js';

/** What is typed once the text before it is there. */
type Dialogue = [shown: string | RegExp, keys: string][];

const [LEFT, RIGHT, UP, DOWN, HOME, DELETE] = ['\x1b[D', '\x1b[C', '\x1b[A', '\x1b[B', '\x1b[H', '\x1b[3~'];
const [CTRL_A, CTRL_C, CTRL_D, CTRL_K, CTRL_Z] = ['\x01', '\x03', '\x04', '\x0b', '\x1a'];
const RUBOUT = '\x7f';
const WAIT = `sh -c 'echo "re"ady; exec sleep 600'\r`;

const BASH: Dialogue = [
  ['status 0> ', `echo one twx${RUBOUT}o${LEFT}${LEFT}${LEFT}X${RIGHT}\r`],
  [/^one Xtwo\r\n.*> /m, `${UP}${CTRL_A}${DELETE}printf${CTRL_A}e\r`],
  ['status 127> ', `echo gone${CTRL_A}${CTRL_K}${UP}${UP}${DOWN}${UP}\r`],
  [/^one Xtwo\r\n.*> /m, 'half a line'],
  ['half a line', CTRL_C],
  ['status 130> ', WAIT],
  ['ready', CTRL_C],
  ['status 130> ', `sh -c 'echo "re"ady; read x; echo "<$x>"'\r`],
  ['ready', CTRL_Z],
  ['status 148> ', 'jobs\r'],
  ['status 0> ', 'fg\r'],
  [/fg\r\nsh -c .*\r\n/, 'woken\r'],
  ['<woken>', ''],
  ['status 0> ', `sh -c 'echo "re"ady; kill -STOP $$; echo "wo"ken; exec sleep 600'\r`],
  ['status 147> ', 'fg\r'],
  ['woken', CTRL_C],
  ['status 130> ', 'read -r -p "na""me: " line && echo "<$line>"\r'],
  ['name: ', 'typed\r'],
  ['<typed>', ''],
  ['status 0> ', `sh -c 'echo "re"ady; exec cat'\r`],
  ['ready', `line\r${CTRL_D}`],
  [/line\r\nline/, ''],
  ['status 0> ', 'exit 4\r'],
];

const PYTHON: Dialogue = [
  ['>>> ', `1 +${RUBOUT}* 21${LEFT}${RUBOUT}4${RIGHT}\r`],
  ['41', `${UP}${CTRL_A}1\r`],
  ['451', 'half a line'],
  ['half a line', CTRL_C],
  ['KeyboardInterrupt', `import time; print("re" + "ady"); time.sleep(600)\r`],
  ['ready', CTRL_C],
  ['KeyboardInterrupt', 'input("name: ")\r'],
  [/^name: /m, 'somebody\r'],
  [`'somebody'`, 'import os; os._exit(5) if os.isatty(0) and os.isatty(1) and os.isatty(2) else 0\r'],
];

const VIM: Dialogue = [
  ['[New]', 'ihello wrld'],
  ['hello wrld', `${LEFT}${LEFT}${LEFT}o${HOME}>> `],
  ['>> ', '\x1b:set number\r'],
  ['  1 ', CTRL_C],
  [/Type +:q/, ':w\r'],
  ['written', ':!echo sh"el"l; exit 3\r'],
  ['shell returned 3', '\r'],
  ['>> hello world', ':cquit\r'],
];

describe('the same keys give the same screen', () => {
  const table: [what: string, command: string[], Dialogue, status: number, files: string[]][] = [
    ['bash', ['bash', '--norc', '--noprofile', '-i'], BASH, 4, []],
    ['python3', ['python3', '-q'], PYTHON, 5, []],
    ['vim', ['vim', '-N', '-u', 'NONE', '-i', 'NONE', '-n', 'file'], VIM, 1, ['file']],
  ];
  for (const [what, command, dialogue, status, files] of table) {
    test(`in ${what}`, { skip: missing(what) }, async (t) => {
      const without = await hold(t, command, dialogue, files);
      const within = await hold(t, [...OURS, ...command], dialogue, files);
      assert.deepEqual(within, without);
      assert.deepEqual(within.exit, { exitCode: status, signal: 0 });
      assert.ok(within.screen.length > 3);
    });
  }
});

/** Runs `command` as the only program of a terminal and types; gives all that can be seen of it. */
async function hold(t: TestContext, [file = '', ...args]: string[], dialogue: Dialogue, files: string[]) {
  const stage = scene(t);
  const { cwd } = stage.options;
  const terminal = openTerminal(t, file, args, { cwd, env: personal(stage) });
  for (const [shown, keys] of dialogue) {
    await terminal.shows(shown);
    terminal.type(keys);
  }
  const exit = await terminal.ends();
  await stage.nothingLeftSoon(files);
  const contents = readdirSync(cwd).map((name) => readFileSync(join(cwd, name), 'utf8'));
  return { exit, contents, screen: rendered(terminal.screen()) };
}

function missing(program: string): string | false {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0 ? false : `no ${program} here`;
}
