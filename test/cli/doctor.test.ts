// What a person sees of qw-tmp doctor: colours on a terminal only, lines that fit it, commands that can be copied, and never a
// control character of somebody else's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeFindings } from '#src/cli/doctor.js';
import { bar } from '#src/cli/doctor-facts.js';
import { wrap } from '#src/cli/format.js';
import { run } from '../helpers/cli.js';
import { qwTmp } from '../helpers/paths.js';
import { openTerminal } from '../helpers/pty.js';
import { scene } from '../helpers/scene.js';

const EVIL = '/tmp/\u001b[31mq\u0007\u009b2J\u202e';
const ESCAPE = '\u001b';
/** Everything a terminal would act on, line breaks aside. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/;

/** The progress line is written over and over from the left edge, and gone in the end. */
const withoutProgress = (screen: string): string => screen.split(`\r${ESCAPE}[K`).at(-1) ?? '';

/** Without colours. */
const text = (screen: string): string =>
  withoutProgress(screen)
    .replaceAll(new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g'), '')
    .replaceAll('\r', '');

describe('the page', () => {
  test('has colours on a terminal, fits it, and leaves commands whole', async (t) => {
    const { options, nothingLeft } = scene(t);
    const { NO_COLOR: _wish, CI: _place, ...colourful } = options.env; // Node has no colours in CI either
    const env = { ...colourful, QW_GRACE: 'soon' };
    const { exit, screen } = openTerminal(t, process.execPath, [qwTmp, 'doctor'], {
      ...options,
      env,
      cols: 60,
    });
    assert.deepEqual(await exit, { exitCode: 1, signal: 0 });
    assert.ok(screen().includes(`${ESCAPE}[1m`), screen());
    const plain = text(screen());
    assert.doesNotMatch(plain, CONTROL);
    for (const line of plain.split('\n')) assert.ok(line.length <= 60 || /^ {9}\S/.test(line), line);
    assert.match(plain, /^ {9}unset QW_GRACE$/m);
    nothingLeft();
  });

  test('has none with NO_COLOR, nor in a pipe', async (t) => {
    const { options } = scene(t);
    const env = { ...options.env, NO_COLOR: '1' };
    const { exit, screen } = openTerminal(t, process.execPath, [qwTmp, 'doctor'], { ...options, env });
    await exit;
    assert.ok(!withoutProgress(screen()).includes(ESCAPE));
    const { stdout, stderr } = await run(qwTmp, ['doctor'], options);
    assert.doesNotMatch(stdout, CONTROL);
    assert.equal(stderr, '', 'a progress line is for terminals');
    for (const title of ['Where sessions go', 'Space', 'This machine'])
      assert.match(stdout, new RegExp(`^${title}$`, 'm'));
  });

  test('escapes what others wrote', async (t) => {
    const { options } = scene(t);
    const env = { ...options.env, QW_ROOT: EVIL, TMPDIR: EVIL, QW_SPARE: EVIL, HOME: EVIL };
    const { stdout, stderr, code } = await run(qwTmp, ['doctor'], { ...options, env });
    assert.deepEqual([stderr, code], ['', 1]);
    assert.doesNotMatch(stdout, CONTROL);
    assert.match(stdout, /\\x1b\[31mq/);
  });

  test('says so where there is nothing to do', () => {
    assert.equal(describeFindings([], { paint: (_style, plain) => plain, width: 80 }), 'nothing to do\n');
  });
});

test('a bar is empty or full only where that is true', () => {
  const table: [free: number, shown: string][] = [
    [100, '[----------]  0%'],
    [99, '[#---------]  1%'],
    [50, '[#####-----] 50%'],
    [1, '[#########-] 99%'],
    [0, '[##########] 100%'],
  ];
  for (const [free, shown] of table) assert.equal(bar({ used: 100 - free, free }), shown);
  assert.equal(bar({ used: 60, free: 60 }), '[#####-----] 50%', 'what is reserved for root is not counted');
  assert.equal(bar({ used: 0, free: 0 }), '[##########] 100%');
});

test('words are wrapped, never cut', () => {
  assert.deepEqual(wrap('a bb ccc', 4), ['a bb', 'ccc']);
  assert.deepEqual(wrap('a looooong b', 4), ['a', 'looooong', 'b']);
  assert.deepEqual(wrap('', 4), ['']);
});
