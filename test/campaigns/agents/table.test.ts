// The table is written from what was measured, into its place of a document and nowhere else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expectedOf } from './expected.js';
import type { Measured } from './stage/row.js';
import { MARKS, merged, type Row, spliced, tableOf } from './table.js';

const measured: Measured = {
  ...{
    exit: 'SIGTERM',
    began: 0,
    ran: 0,
    isTold: false,
    started: [],
    made: '',
    meanwhile: [],
    said: '',
    asked: [],
  },
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
const wrapped: Row = { ...row, mode: 'qw-run', expected: clean };
const linesOf = (...rows: Row[]) =>
  tableOf(rows)
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
const verdictOf = (...rows: Row[]) => linesOf(...rows)[0]?.at(-1);

describe('a line', () => {
  const LEFT = '`claude-<uid>/` (2, 64 MiB); `claude-empty-*/` (2); `tmp.*`';
  test('says what was left, random names as patterns, with number and size', () => {
    assert.deepEqual(linesOf({ ...row, measured: { ...measured, root: [] } }), [
      ['SIGTERM', `SIGTERM; ${LEFT}; \`~/.x/y\`; runs: child, 2 claude`, '–', '–', ''],
    ]);
  });
  test('has a column for each way an agent is started; the launcher in a slot is qw-exec', () => {
    const of = (mode: Row['mode'], exit: number): Row => ({
      ...{ ...wrapped, mode },
      measured: { ...measured, exit, tmp: [], root: [], elsewhere: [], processes: [] },
    });
    assert.deepEqual(linesOf(of('qw-exec', 3), of('alone', 1), of('qw-run', 2)), [
      ['SIGTERM', '1', '2', '3', 'clean'],
    ]);
    assert.deepEqual(linesOf(of('slot', 4))[0]?.slice(1, 4), ['–', '–', '4']);
  });
  test('of a wrapped run says what is in TMPDIR, and what was expected', () => {
    assert.match(linesOf(wrapped)[0]?.[2] ?? '', /; TMPDIR `abcd1234\/`;/);
    const limits = [
      { tmp: ['tmp.*'], because: 'a limit' },
      { exit: ['SIGTERM' as const], because: 'another' },
      { tmp: ['x'], because: 'none of it' },
    ];
    const limited = { ...wrapped, expected: { ...clean, limits } };
    assert.equal(verdictOf(limited), 'a limit; another');
    assert.equal(verdictOf(row, limited, { ...limited, mode: 'qw-exec' }), 'a limit; another');
  });
  test('of a wrapped run that was told says so', () => {
    const told = { ...wrapped, measured: { ...measured, tmp: [], isTold: true } };
    assert.equal(verdictOf(told), 'the model is told');
  });
  test('that is not as expected says so, and of which', () => {
    const faulty: Row = { ...wrapped, faults: ['TMPDIR stays', 'child runs'] };
    assert.equal(verdictOf(faulty), '**not as expected**: TMPDIR stays, child runs');
    assert.equal(
      verdictOf({ ...row, faults: ['began 0 of 2 commands'] }, wrapped, { ...faulty, mode: 'qw-exec' }),
      'alone: **not as expected**: began 0 of 2 commands<br>qw-run: clean<br>qw-exec: **not as expected**: TMPDIR stays, child runs',
    );
  });
  test('is one for each scenario', () => {
    const other: Row = { ...wrapped, scenario: { ...scenario, name: 'kill', title: 'SIGKILL' } };
    assert.deepEqual(
      linesOf(row, other, wrapped).map(([title]) => title),
      ['SIGTERM', 'SIGKILL'],
    );
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
  const TITLES = ['one', 'two', 'three'];
  const table = (version: string, ...lines: string[]) =>
    [`### ${version}`, '', '| | alone |', '|---|---|', ...lines].join('\n');
  const part = (day: string, ...tables: string[]) =>
    `Measured 2026-11-${day}, by us.\n\n${tables.join('\n\n')}`;
  test('in parts keeps the lines that were not measured now, in their order', () => {
    const old = [
      table('claude 1.2 (latest on npm)', '| one | a |', '| three | c |'),
      table('codex 3', '| two | d |'),
    ];
    const now = table('claude 1.2', '| three | C |', '| two | B |');
    assert.equal(
      merged(page(`\n${part('29', ...old)}\n`), part('30', now), TITLES),
      page(
        `\n${part('29, 2026-11-30', table('claude 1.2', '| one | a |', '| two | B |', '| three | C |'), old[1] as string)}\n`,
      ),
    );
  });
  test('in parts puts a new version before the older one of its agent, and a new agent at the end', () => {
    const old = [table('claude 1.2', '| one | a |'), table('codex 3', '| two | d |')];
    const now = [table('codex 4', '| two | D |'), table('qwen 1', '| two | e |')];
    const all = [old[0], now[0], old[1], now[1]] as string[];
    assert.equal(
      merged(page(`\n${part('30', ...old)}\n`), part('30', ...now), TITLES),
      page(`\n${part('30', ...all)}\n`),
    );
  });
});
