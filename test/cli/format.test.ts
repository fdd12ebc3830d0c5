// Sizes, ages and tables for people: short, never absurd, and a line that fits its terminal.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAge, formatBytes, table, withCommas } from '#src/cli/format.js';

const KIB = 1024;
const HOUR = 3_600_000;

describe('a size', () => {
  const sizes: [bytes: number, text: string][] = [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [KIB, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [99 * KIB, '99.0 KiB'],
    [100 * KIB, '100 KiB'],
    [KIB ** 2, '1.0 MiB'],
    [1.5 * KIB ** 3, '1.5 GiB'],
    [KIB ** 4, '1.0 TiB'],
    [5000 * KIB ** 4, '5000 TiB'],
  ];
  for (const [bytes, text] of sizes) test(`${bytes}: ${text}`, () => assert.equal(formatBytes(bytes), text));
  test('of any number is short, has a unit and is near the truth', () => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 - 1 }), (bytes) => {
        const text = formatBytes(bytes);
        const [, value = '', unit = ''] =
          /^(\d{1,4}|\d{1,3}\.\d) ([KMGT]iB|B)$/.exec(text) ?? assert.fail(text);
        const meant = Number(value) * KIB ** units.indexOf(unit);
        assert.ok(Math.abs(meant - bytes) <= bytes * 0.051, text);
      }),
    );
  });
});

test('a count has commas as English has them', () => {
  fc.assert(fc.property(fc.nat(), (count) => withCommas(count) === count.toLocaleString('en')));
});

describe('an age', () => {
  const ages: [ms: number, text: string][] = [
    [0, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [HOUR - 1, '59m'],
    [HOUR, '1h'],
    [48 * HOUR - 1, '47h'],
    [48 * HOUR, '2d'],
    [1000 * 24 * HOUR, '1000d'],
    [-1, '0s'],
    [-5 * HOUR, '0s'],
  ];
  for (const [ms, text] of ages) test(`${ms} ms: ${text}`, () => assert.equal(formatAge(ms), text));
  test('never sounds older than it is', () => {
    const unit = { s: 1_000, m: 60_000, h: HOUR, d: 24 * HOUR };
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (ms) => {
        const text = formatAge(ms);
        assert.ok(Number.parseInt(text, 10) * unit[text.slice(-1) as keyof typeof unit] <= ms, text);
      }),
    );
  });
});

describe('a table', () => {
  const rows = [
    ['STATE', 'SIZE', 'COMMAND'],
    ['live', '1.5 KiB', 'claude'],
    ['orphan', '0 B', ''],
  ];
  test('has its columns two spaces apart, figures to the right, no blanks at the end', () => {
    assert.equal(
      table(rows, { width: 80, rightAligned: [1] }),
      'STATE      SIZE  COMMAND\nlive    1.5 KiB  claude\norphan      0 B\n',
    );
  });
  test('is cut to the width of the terminal, and says so', () => {
    assert.equal(table([['a', 'bcdefgh']], { width: 6, rightAligned: [] }), 'a  bc…\n');
    assert.equal(table([['a', 'bcd']], { width: 6, rightAligned: [] }), 'a  bcd\n');
  });
  test('without rows is nothing', () => assert.equal(table([], { width: 80, rightAligned: [] }), ''));
  test('of any text has a line a row, none longer than the width', () => {
    const cell = fc.string();
    const grid = fc.nat({ max: 4 }).chain((n) => fc.array(fc.array(cell, { minLength: n, maxLength: n })));
    fc.assert(
      fc.property(grid, fc.integer({ min: 1, max: 60 }), (cells, width) => {
        const lines = table(cells, { width, rightAligned: [0] }).split('\n');
        assert.equal(lines.pop(), '');
        assert.equal(lines.length, cells.length);
        for (const line of lines) assert.ok(line.length <= width, line);
      }),
    );
  });
});
