// A receipt as a line: it comes back as it was, is never longer than one write, and nothing else is taken for one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lineOf, MAX_LINE_BYTES, parseReceipt } from '#src/receipt/line.js';
import { isNews, NOTHING, type PassReceipt, type SessionReceipt } from '#src/receipt/receipt.js';

const SESSION: SessionReceipt = {
  version: 1,
  kind: 'session',
  at: '2026-11-29T11:02:13.402Z',
  by: 'owner',
  root: '/tmp/qw-1000',
  id: 'k3j9x0ab',
  tmpdir: '/tmp/qw-1000/k3j9x0ab/tmp',
  state: 'removed',
  command: ['claude'],
  exit: { code: 0, signal: null },
  ...NOTHING,
};
const PASS: PassReceipt = {
  ...{ version: 1, kind: 'pass', at: SESSION.at, by: 'reaper', roots: ['/tmp/qw-1000'], removed: 3 },
  swept: [{ path: '/tmp/x', reason: 'stale', bytes: 1, entries: 1 }],
  ...{ pressure: [], failed: [], bytes: 1, entries: 1, ms: 5 },
};
const PROCESS = { pid: 7, name: 'sleep', evidence: 'its TMPDIR is the session’s' };
const LEFT = { ...PROCESS, why: 'holder' as const, holds: ['cwd'], reason: 'open' };
const WORK = {
  path: '/tmp/w',
  kind: 'worktree' as const,
  branch: 'b',
  repository: null,
  save: null,
  forget: null,
};
const text = fc.string({ unit: 'binary', maxLength: 3_000 });

describe('a receipt', () => {
  test('comes back from its line', () => {
    const more = {
      ended: [PROCESS],
      left: [LEFT],
      runsOn: [LEFT],
      work: [WORK],
      label: 'tab 1',
      durationMs: 5,
    };
    for (const receipt of [SESSION, { ...SESSION, ...more }, PASS])
      assert.deepEqual(parseReceipt(lineOf(receipt).slice(0, -1)), receipt);
  });

  test('is one line of less than 4 KiB whatever is in it, and is read again', () => {
    const processes = fc.array(fc.record({ pid: fc.nat(), name: text, evidence: text }), { maxLength: 40 });
    const failures = fc.array(fc.record({ path: text, reason: text, hint: text }), { maxLength: 40 });
    const any = fc.record({
      ended: processes,
      failed: failures,
      label: text,
      cwd: text,
      command: fc.array(text),
      warnings: fc.array(text),
      reason: text,
      left: processes.map((all) => all.map((one) => ({ ...LEFT, ...one, holds: [one.name, one.evidence] }))),
    });
    fc.assert(
      fc.property(any, (more) => {
        const line = lineOf({ ...SESSION, ...more });
        assert.ok(Buffer.byteLength(line) < MAX_LINE_BYTES);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        assert.match(line, /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]+\n$/);
        const read = parseReceipt(line.slice(0, -1)) as SessionReceipt | undefined;
        assert.equal(read?.id, SESSION.id);
        assert.equal(read?.cut?.['ended'] ?? read?.ended.length, more.ended.length);
      }),
      { numRuns: 60 },
    );
  });

  test('cut short says how long its lists were', () => {
    const ended = Array.from({ length: 300 }, (_, pid) => ({ ...PROCESS, pid: pid + 1 }));
    const read = parseReceipt(lineOf({ ...SESSION, ended }).trim());
    assert.deepEqual(read?.cut, { ended: 300 });
    assert.ok(lineOf({ ...SESSION, command: ['x'.repeat(9_999)] }).includes('…'));
  });

  const line = lineOf(SESSION).trim();
  const forged: [what: string, line: string][] = [
    ['empty', ''],
    ['torn', line.slice(0, -9)],
    ['the end of one', line.slice(9)],
    ['no object', '[1]'],
    ['another version', line.replace('"version":1', '"version":2')],
    ['another kind', line.replace('"session"', '"party"')],
    ['no id of ours', line.replace('k3j9x0ab"', '../../ab"')],
    ['no time', line.replace(SESSION.at, 'yesterday')],
    ['nobody', line.replace('"owner"', '"you"')],
    ['a list that is none', `${line.slice(0, -1)},"ended":{"length":1}}`],
    ['a list of nothing', `${line.slice(0, -1)},"left":[null]}`],
    ['a process without a name', `${line.slice(0, -1)},"ended":[{"pid":1,"evidence":""}]}`],
    ['a text that is none', `${line.slice(0, -1)},"label":{"toString":1}}`],
    ['too long', `${line.slice(0, -1)},"x":"${'x'.repeat(4_096)}"}`],
  ];
  for (const [what, text] of forged)
    test(`is not made of ${what}`, () => assert.equal(parseReceipt(text), undefined));
});

test('what is kept is told once, what is removed always', () => {
  const kept: SessionReceipt = { ...SESSION, by: 'reaper', state: 'kept', reason: 'worktree' };
  const unfinished: SessionReceipt = { ...SESSION, by: 'reaper', reason: 'removal-unfinished' };
  const table: [next: SessionReceipt, last: SessionReceipt | undefined, news: boolean][] = [
    [kept, undefined, true],
    [kept, kept, false],
    [{ ...kept, state: 'held', reason: 'in-use' }, kept, true],
    [{ ...kept, ended: [PROCESS] }, kept, true],
    [SESSION, kept, true],
    [SESSION, SESSION, true],
    [unfinished, SESSION, false],
    [unfinished, kept, true],
    [unfinished, undefined, true],
  ];
  for (const [next, last, news] of table) assert.equal(isNews(next, last), news);
});
