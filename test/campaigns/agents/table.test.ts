// The table is written from what was measured, into its place of a document and nowhere else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expectedOf } from './expected.js';
import type { Measured } from './stage/row.js';
import { MARKS, type Row, spliced, tableOf } from './table.js';

const measured: Measured = {
  ...{ exit: 'SIGTERM', ran: 0, isTold: false, started: [], made: '', meanwhile: [], said: '', asked: [] },
  tmp: [
    { path: 'claude-1000/-home-x/3f1c/tasks/a.output', bytes: 64 * 2 ** 20 },
    { path: 'claude-1000/-home-x/3f1c/tasks/b.output', bytes: 10 },
    ...['a1B2c3', 'x9Y8z7'].map((id) => ({ path: `claude-empty-${id}/`, bytes: 0 })),
    { path: 'tmp.Ab12Cd34Ef', bytes: 0 },
  ],
  root: [{ path: 'abcd1234/lease.json', bytes: 300 }],
  elsewhere: [{ path: '~/.x/y/z', bytes: 1 }],
  processes: ['child', 'claude', 'claude'],
};
const scenario = { name: 'term', title: 'SIGTERM', commands: [], starts: [] };
const row: Row = { scenario, mode: 'alone', measured, faults: [] };
const clean = expectedOf({ cli: 'claude', version: '1.0.0', scenario: 'term' }, []);
const cellsOf = (one: Row) => (tableOf([one]).split('\n')[2] ?? '').split('|').map((cell) => cell.trim());

describe('a row', () => {
  test('says what was left, random names as patterns, with number and size', () => {
    assert.deepEqual(cellsOf(row), [
      ...['', 'SIGTERM', 'alone', 'SIGTERM'],
      '`claude-<uid>/` (2, 64 MiB), `claude-empty-*/` (2), `tmp.*`',
      ...['', '`~/.x/y`', 'child, 2 claude', '', ''],
    ]);
  });
  test('of a wrapped run says what is in TMPDIR, and what was expected', () => {
    const wrapped: Row = { ...row, mode: 'qw-run', expected: clean };
    assert.deepEqual(
      [...cellsOf(wrapped).slice(1, 3), ...cellsOf(wrapped).slice(5, 6), cellsOf(wrapped).at(-2)],
      ['SIGTERM', 'qw-run', '`abcd1234/`', 'clean'],
    );
    const limits = [
      { tmp: ['tmp.*'], because: 'a limit' },
      { exit: ['SIGTERM' as const], because: 'another' },
      { tmp: ['x'], because: 'none of it' },
    ];
    const limited = { ...wrapped, expected: { ...clean, limits } };
    assert.equal(cellsOf(limited).at(-2), 'a limit; another');
  });
  test('names its scenario unless the one before did', () => {
    const other: Row = { ...row, scenario: { ...scenario, title: 'SIGKILL' }, mode: 'qw-run' };
    const lines = tableOf([row, { ...row, mode: 'qw-run' }, other])
      .split('\n')
      .slice(2);
    assert.deepEqual(
      lines.map((line) =>
        line
          .split('|')
          .slice(1, 3)
          .map((cell) => cell.trim()),
      ),
      [
        ['SIGTERM', 'alone'],
        ['', 'qw-run'],
        ['SIGKILL', 'qw-run'],
      ],
    );
  });
  test('that is not as expected says so', () => {
    const faulty: Row = { ...row, mode: 'qw-run', expected: clean, faults: ['TMPDIR stays', 'child runs'] };
    assert.equal(cellsOf(faulty).at(-2), '**not as expected**: TMPDIR stays, child runs');
  });
  test('of a run that left nothing says so', () => {
    const empty = { ...measured, tmp: [], root: [], elsewhere: [], processes: [] };
    assert.deepEqual(cellsOf({ ...row, measured: empty }).slice(4, 8), ['nothing', '', 'nothing', 'none']);
  });
});

describe('the document', () => {
  const page = (text: string) => `# A\n${MARKS.begin}${text}${MARKS.end}\nafter\n`;
  test('keeps everything outside of the markers', () => {
    assert.equal(spliced(page('\nold $& table\n'), 'new $& table\n'), page('\nnew $& table\n'));
  });
  test('without its markers is not written', () => {
    for (const text of ['', MARKS.begin, MARKS.end, `${MARKS.end}${MARKS.begin}`])
      assert.throws(() => spliced(text, 'x'), /lacks/);
  });
});
