// Nothing a stranger wrote (a label, a file name, a process name) reaches a terminal as a control character.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { printable, quote, scriptQuote, shellQuote } from '#src/quote.js';

const CONTROL = /\p{Cc}/u;

describe('text for a terminal', () => {
  test('of people stays as it is', () => {
    const text = 'Grüße, 日本語, \u{1f600}, a\\b "c" \u00a0\u00e9 ~';
    assert.equal(printable(text), text);
  });
  const table: [raw: string, shown: string][] = [
    ['a\nb', 'a\\x0ab'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u0000', '\\x00'],
    ['\u007f', '\\x7f'],
    ['\u009b31m', '\\x9b31m'],
    ['\r\t\b\u0007', '\\x0d\\x09\\x08\\x07'],
    ['\u2028\u202e', '\\u2028\\u202e'],
  ];
  for (const [raw, shown] of table) test(shown, () => assert.equal(printable(raw), shown));
  test('has no C0, C1 or DEL left, for every character there is', () => {
    for (let code = 0; code < 0x3000; code += 1) {
      const shown = printable(String.fromCharCode(code));
      assert.doesNotMatch(shown, CONTROL, `U+${code.toString(16)}`);
      assert.doesNotMatch(quote(String.fromCharCode(code)), CONTROL, `quoted U+${code.toString(16)}`);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !CONTROL.test(printable(text) + quote(text))),
    );
  });
  test('does not grow when shown twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => printable(printable(text)) === printable(text)),
    );
  });
  for (const value of [undefined, null, 5, NaN, true, { a: 1 }, ['x'], Symbol('s'), () => 1]) {
    test(`a value of type ${typeof value} is quoted without a fault: ${String(value)}`, () =>
      assert.equal(typeof quote(value), 'string'));
  }
});

describe('a word', () => {
  const words = [
    ...' \n|\t|\x1b[31m|\x7f|\u009b|\u2028|\u202e'.split('|'),
    ...'$"`*?~!#&;()<>[]{}=%^é\ud83d\ude00',
  ];
  const all = ['', "'", '\\', ...words].flatMap((it) => [it, `/tmp/my ${it}b/it's`]);
  /** What `shell` makes of them. */
  const read = (shell: string, quoted: string[]) => {
    const { stdout } = spawnSync(shell, ['-c', `printf '%s\\0' ${quoted.join(' ')}`], { encoding: 'utf8' });
    return stdout.split('\0').slice(0, -1);
  };
  test('of a script means itself to sh', () => assert.deepEqual(read('/bin/sh', all.map(scriptQuote)), all));
  test('of a command means itself where it is pasted as it is shown', () =>
    assert.deepEqual(
      read(
        'bash',
        all.map((word) => printable(shellQuote(word))),
      ),
      all,
    ));
});
