// Options as people write them: durations, words and lists of names are read, or refused by name in a plain message.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { QwRunError } from '#src/errors.js';
import { parseDuration, parseNames, parseWord } from '#src/options.js';
import { quote } from '#src/quote.js';

const refused = (call: () => unknown, ...named: string[]) =>
  assert.throws(call, (error) => {
    assert.ok(error instanceof QwRunError && error.code === 'ERR_QW_USAGE', String(error));
    for (const name of named) assert.ok(error.message.includes(name), `${name} in ${error.message}`);
    assert.doesNotMatch(error.message, CONTROL);
    return true;
  });
const CONTROL = /\p{Cc}/u;

describe('a duration', () => {
  const table: [value: string | number, ms: number][] = [
    ['500ms', 500],
    ['5s', 5_000],
    ['10m', 600_000],
    ['72h', 259_200_000],
    ['3d', 259_200_000],
    ['1.5h', 5_400_000],
    ['0.5s', 500],
    ['0s', 0],
    ['0', 0],
    ['007s', 7_000],
    [' 5s ', 5_000],
    [1500, 1500],
    [0, 0],
    [0.5, 0.5],
    [1e21, 1e21],
    [5e-324, 5e-324],
  ];
  for (const [value, ms] of table) {
    test(`${JSON.stringify(value)} is ${ms} ms`, () => assert.equal(parseDuration('grace', value), ms));
  }
  const wrong = [
    '',
    ' ',
    '5',
    '1.5',
    's',
    '5 s',
    '5S',
    '5sec',
    '-5s',
    '+5s',
    '5s5',
    '1h30m',
    '1e3s',
    '0x10s',
    '.5s',
    '5.s',
  ];
  const more = [
    'soon',
    'NaN',
    'Infinity',
    '∞',
    '٣s',
    `${'9'.repeat(400)}d`,
    '5s\nrm',
    '\u001b[31m',
    '__proto__',
    '5toString',
  ];
  for (const value of [...wrong, ...more, NaN, Infinity, -Infinity, -1]) {
    test(`${JSON.stringify(value)} is none`, () =>
      refused(() => parseDuration('grace', value), 'grace', typeof value === 'string' ? quote(value) : ''));
  }
  test('is never below zero or infinite, whatever is written', () => {
    const anything = fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^[\d.]+(ms|s|m|h|d)?$/));
    const check = (value: string | number) => {
      try {
        const ms = parseDuration('maxAge', value);
        assert.ok(Number.isFinite(ms) && ms >= 0, `${ms}`);
      } catch (error) {
        assert.ok(error instanceof QwRunError, String(error));
      }
    };
    fc.assert(fc.property(anything, check), { numRuns: 2_000 });
  });
});

describe('a word', () => {
  const WORDS = ['end', 'keep'] as const;
  test('is one of those allowed', () => assert.equal(parseWord('survivors', 'keep', WORDS), 'keep'));
  for (const value of [
    '',
    'Keep',
    ' keep',
    'keep ',
    'kee',
    'end,keep',
    '0',
    '__proto__',
    'length',
    '\u001b[2J',
  ]) {
    test(`${JSON.stringify(value)} is none, and the message says which are`, () =>
      refused(() => parseWord('survivors', value, WORDS), 'survivors', 'end', 'keep', quote(value)));
  }
});

describe('names', () => {
  const table: [value: string | string[] | undefined, names: string[]][] = [
    [undefined, []],
    ['', []],
    [',, ,', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b b ,', ['a', 'b b']],
    [
      ['a', 'b,c', ''],
      ['a', 'b', 'c'],
    ],
    [[], []],
  ];
  for (const [value, names] of table) {
    test(`${JSON.stringify(value)}: ${JSON.stringify(names)}`, () =>
      assert.deepEqual(parseNames(value), names));
  }
});
