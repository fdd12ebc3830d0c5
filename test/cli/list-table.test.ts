// What people see of lists, as pure functions: which sessions in which order, the living picture, what would become of one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { SessionInfo, SessionList } from 'qw-run';
import { describeRoom } from '#src/cli/list-table.js';
import { frame, growth } from '#src/cli/watch.js';
import { atEnd, type EndQuestion } from '#src/reap/show-session.js';

const session = (id: string, more: Partial<SessionInfo> = {}): SessionInfo => ({
  ...{
    id,
    label: null,
    backend: 'generic',
    state: 'live',
    reason: 'owner-alive',
    root: '/r',
    dir: `/r/${id}`,
  },
  ...{ tmpdir: `/r/${id}/tmp`, command: ['sh'], owner: null, agent: null, isolate: null, createdAt: null },
  ...{ lastActivity: null, bytes: 0, entries: 0, growthPerMinute: null, holders: [], work: [], ...more },
});
const room = {
  ...{ root: '/r', bytesFree: 75, bytesUsed: 25, bytesTotal: 200 },
  ...{ inodesFree: 97, inodesTotal: 100 },
};
const list = (sessions: SessionInfo[]): SessionList => ({
  ...{ version: 1, roots: ['/r'], sessions, headroom: [room], unseen: [], lately: [] },
});

test('free space is told as df does: what is reserved for root is neither free nor used', () => {
  assert.equal(describeRoom(room), '/r: 75 B of 200 B free, 25% used, 3% of the inodes');
  assert.equal(describeRoom({ ...room, inodesTotal: 0, inodesFree: 0 }), '/r: 75 B of 200 B free, 25% used');
});

describe('the living list', () => {
  test('grows by what was seen in the last minute', () => {
    const trend = growth();
    assert.deepEqual([...trend([session('a', { bytes: 100 })], 0)], []);
    assert.deepEqual([...trend([session('a', { bytes: 160 }), session('b')], 30_000)], [['a', 120]]);
    assert.deepEqual(
      [...trend([session('a', { bytes: 160 })], 80_000)],
      [['a', 0]],
      'the first look is too old',
    );
  });
  test('has never more lines than the terminal, none longer, and says how many are left out', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 8, max: 90 }),
        (n, rows, columns) => {
          const sessions = Array.from({ length: n }, (_, at) => session(`s${at}`));
          const lines = frame(list(sessions), {
            grown: new Map(),
            isWide: false,
            terminal: { rows, columns },
            time: '12:00:00',
          });
          assert.ok(
            lines.length <= Math.max(1, rows - 1) && lines.every((line) => line.length <= columns),
            lines.join('\n'),
          );
          if (rows > 10 && n + 5 > rows && columns > 8)
            assert.ok(lines.some((line) => /^… \d+ more$/.test(line)));
        },
      ),
    );
  });
});

describe('what would become of a session', () => {
  const of = (more: Partial<EndQuestion>) =>
    atEnd({ ...{ id: 'abcd0000', state: 'live', keep: false, holders: [], work: [] }, ...more });
  const member = { pid: 1, name: 'sh', why: 'member' } as const;
  const user = { pid: 2, name: 'vim', why: 'holder' } as const;
  const REMOVED = 'TMPDIR is removed';
  const ENDED = 'SIGTERM for its 1 process, SIGKILL after the grace period';
  for (const [what, question, lines] of [
    ['nobody there', {}, [REMOVED]],
    ['members', { holders: [member] }, [ENDED, REMOVED]],
    ['a user', { holders: [member, user] }, [ENDED, 'TMPDIR stays while it is in use by vim (2)']],
    [
      'survivors stay',
      { holders: [member], survivors: 'keep' },
      ['TMPDIR stays while it is in use by sh (1)'],
    ],
    [
      'its owner is dead',
      { state: 'held', holders: [member] },
      ['TMPDIR stays while it is in use by sh (1)'],
    ],
    ['--keep', { keep: true }, ['TMPDIR stays, as it was asked to; qw-tmp rm abcd0000 removes it']],
    [
      'work',
      { work: [{ path: '/r/w' }] },
      [
        '/r/w stays: it is work, not temp',
        'the rest of TMPDIR is removed; qw-tmp rm abcd0000 removes all of it',
      ],
    ],
  ] as [string, Partial<EndQuestion>, string[]][])
    test(what, () => assert.deepEqual(of(question), lines));
});
