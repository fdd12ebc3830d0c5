// What doctor makes of what lies in roots and temp directories, as a table; and that all sessions of a kind are one finding.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '#src/doctor/findings.js';
import { environment, healthy, type Row, session, size, testTable } from '../helpers/healthy.js';

const legacy = (bytes: number, entries = 9) => [
  {
    ...{ dir: '/tmp', pattern: '/tmp/claude-1000', maker: 'Claude', count: 1 },
    ...{ size: size(bytes, entries), stale: { ...size(bytes, entries), count: 1 } },
  },
];
const trash = [{ root: '/tmp/qw-1000', count: 1, size: size(1, 1), lastPassAt: null }];
const kept = [session({ state: 'kept' }), session({ state: 'kept', id: 'kept0000' })];
const future = { fromFuture: '2099-01-01T00:00:00.000Z' };

const RM = 'qw-tmp rm --force abcd1234';

const TABLE: Row[] = [
  ['an orphan', { sessions: [session({ state: 'orphan' })] }, 'note orphan', 'qw-tmp reap'],
  ['kept ones', { sessions: kept }, 'note kept', 'qw-tmp rm abcd1234 kept0000'],
  [
    'one with a worktree',
    { sessions: [session({ state: 'kept', reason: 'worktree' })] },
    'note worktree',
    'qw-tmp list',
  ],
  ['a held one', { sessions: [session({ state: 'held' })] }, 'note held', 'qw-tmp reap --orphans end'],
  [
    'no agent',
    { sessions: [session({ reason: 'agent-gone' })] },
    'warning agent-gone',
    'qw-tmp rm --force abcd1234',
  ],
  ['no lease', { sessions: [session({ state: 'unknown' })] }, 'note unknown-session', RM],
  ['the future', { sessions: [session({ state: 'foreign', ...future })] }, 'warning from-future', 'date'],
  ['a living one of the future', { sessions: [session(future)] }, 'note from-future', 'date'],
  ['something in the trash', { trash }, 'note trash', 'qw-tmp reap'],
  ['a little of agents without us', { legacy: legacy(4096) }, 'note legacy', 'qw-tmp reap --legacy'],
  ['many bytes of theirs', { legacy: legacy(2 ** 26) }, 'warning legacy', 'qw-tmp reap --legacy'],
  ['many inodes of theirs', { legacy: legacy(0, 10_000) }, 'warning legacy', 'qw-tmp reap --legacy'],
  ['too little time', { cut: ['/tmp'] }, 'note time-up', 'qw-tmp doctor --time 5m'],
];

testTable(TABLE);

test('an orphan that nobody reaps by itself is worth a warning', () => {
  const facts = {
    ...healthy(),
    sessions: [session({ state: 'orphan' })],
    environment: environment({ isReaping: false }),
  };
  const found = findings(facts).map(({ weight, code }) => `${weight} ${code}`);
  assert.deepEqual(found, ['warning orphan']);
});

test('what was not seen to its end is told as such', () => {
  const sessions = [session({ state: 'kept', size: { ...size(1024, 1), isPartial: true } })];
  assert.match(findings({ ...healthy(), sessions })[0]?.text ?? '', /at least 1\.0 KiB/);
});
