// Whoever types cannot tell that we are there: the same keys give the same screen, exit status and files with and without
// us, in a shell with its own job control, in a language's prompt, and in a full-screen editor.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { OURS } from '../helpers/modes.js';
import { openTerminal } from '../helpers/pty.js';
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

/** What a person sees: all lines of a terminal of 80 columns, without colours and modes, those scrolled out of sight first.
 * Programs draw the same picture in other steps when the machine is busy: pictures can be compared, bytes cannot. */
function rendered(bytes: string, rows = 24): string[] {
  const above: string[] = [];
  const lines = Array.from({ length: rows }, () => '');
  const at = { row: 0, column: 0 };
  const put = (text: string) => {
    const line = (lines[at.row] ?? '').padEnd(at.column);
    lines[at.row] = line.slice(0, at.column) + text + line.slice(at.column + text.length);
    at.column += text.length;
  };
  const feed = () => {
    if (at.row < rows - 1) at.row++;
    else {
      above.push(lines.shift() ?? '');
      lines.push('');
    }
  };
  const control = (parameters: string, final: string) => {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    const count = first || 1;
    const line = lines[at.row] ?? '';
    const { column, row } = at;
    if (final === 'H') Object.assign(at, { row: count - 1, column: (second || 1) - 1 });
    if (final === 'A') at.row = Math.max(0, row - count);
    if (final === 'B') at.row = Math.min(rows - 1, row + count);
    if (final === 'C') at.column += count;
    if (final === 'D') at.column = Math.max(0, column - count);
    if (final === 'G') at.column = count - 1;
    if (final === 'K') lines[row] = first === 2 ? '' : line.slice(0, column);
    if (final === 'P') lines[row] = line.slice(0, column) + line.slice(column + count);
    if (final === '@') lines[row] = line.slice(0, column) + ' '.repeat(count) + line.slice(column);
    if (final === 'J') lines.fill('', first === 2 ? 0 : row + 1);
    if (final === 'J' && first === 0) lines[row] = line.slice(0, column);
  };
  for (const { groups = {} } of bytes.matchAll(TOKEN)) {
    const { text, parameters = '', final, plain } = groups;
    if (text) put(text);
    else if (final) control(parameters, final);
    else if (plain === '\r') at.column = 0;
    else if (plain === '\n') feed();
    else if (plain === '\b') at.column = Math.max(0, at.column - 1);
  }
  return [...above, ...lines].map((line) => line.trimEnd()).filter((line) => line !== '');
}

/** Control sequences, strings to the terminal (which show nothing), other escapes, text, single control characters. */
const ESC = String.fromCharCode(27);
const TOKEN = new RegExp(
  [
    `${ESC}\\[(?<parameters>[0-9;]*)(?<final>[A-Za-z@])`,
    `${ESC}\\[[?>=!0-9;%]*[A-Za-z]`,
    `${ESC}[P\\]][^${ESC}\\u0007]*(?:\\u0007|${ESC}\\\\)`,
    `${ESC}[()].`,
    `${ESC}.`,
    '(?<text>[^\\p{Cc}]+)',
    '(?<plain>\\p{Cc})',
  ].join('|'),
  'gsu',
);
