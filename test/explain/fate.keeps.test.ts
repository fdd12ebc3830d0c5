// Faults of the past that have to end in a keep: each says why the session is still there, and when it goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceText, type Reason } from '#src/belong/evidence.js';
import type { Remaining } from '#src/end/remaining.js';
import { fateText } from '#src/explain/fate.js';
import type { SessionState } from '#src/judge/judge.js';
import type { ProcessFacts } from '#src/process/inspect.js';

interface Case {
  what: string;
  state: SessionState;
  reason: string;
  remaining?: Remaining[];
  why: RegExp;
  when: RegExp;
}

const OTHER = { pid: 9, comm: 'pm2' } as ProcessFacts;
const one = (name: string, why: Remaining['why'], reason: Reason, holds: string[] = []): Remaining => ({
  ...{ pid: name === 'unknown' ? 0 : 7, name, why, holds, reason },
  evidence: evidenceText({ reason, of: OTHER }),
});
const held = { state: 'held', reason: 'in-use', when: /^when they have ended: [^;]+$/ } as const;
const members = { ...held, when: /now: qw-tmp rm --force k3j9x0ab, which ends those that belong to it$/ };

const CASES: Case[] = [
  {
    what: 'its owner lost its main thread',
    state: 'live',
    reason: 'owner-alive',
    why: /4711, lives$/,
    when: /owner dies/,
  },
  ...[
    'cwd of a thread',
    'a socket bound by a relative path',
    'mounted at /mnt',
    'a layer of an overlay',
    '/dev/loop0',
  ].map(
    (hold): Case => ({
      ...{ what: `in use: ${hold}`, ...held, remaining: [one('reader', 'holder', 'open', [hold])] },
      why: /in use by reader \(7\) \(reader: has something open there\)$/,
    }),
  ),
  {
    ...{ what: 'a multiplexer with a pane in it', ...held, remaining: [one('tmux', 'spared', 'manager')] },
    why: /tmux \(7\) \(tmux: runs commands for people\)$/,
  },
  {
    what: 'its owner is hidden or elsewhere',
    state: 'foreign',
    reason: 'lock-held',
    why: /holds its lock$/,
    when: /watchdog$/,
  },
  {
    what: 'its owner is in another pid namespace',
    state: 'foreign',
    reason: 'heartbeat-fresh',
    why: /another container/,
    when: /72 hours/,
  },
  {
    what: 'kept in memory, and not all copied',
    state: 'kept',
    reason: 'kept-in-part',
    why: /not all of it/,
    when: /^never by itself/,
  },
  {
    what: 'its agent hangs in exec',
    state: 'held',
    reason: 'agent-alive',
    why: /in use by its agent$/,
    when: members.when,
  },
  {
    ...{
      what: 'a daemon works for other terminals',
      ...held,
      remaining: [one('node', 'spared', 'below-manager')],
    },
    why: /node: below pm2 \(9\)\)$/,
  },
  {
    ...{ what: 'a guest of a daemon', ...held, remaining: [one('b.js', 'spared', 'guest')] },
    why: /started by pm2 \(9\) for somebody else\)$/,
  },
  {
    what: 'a worktree',
    state: 'kept',
    reason: 'worktree',
    why: /there is work in it: \/tmp\/w/,
    when: /git has removed the worktree/,
  },
  {
    ...{
      what: 'a survivor that became another user',
      ...held,
      remaining: [one('postgres', 'unreadable', 'other-user')],
    },
    why: /postgres: was started in the session, and became another user\)$/,
  },
  {
    ...{ what: 'sudo, which may not be signalled, and a member', ...members },
    remaining: [one('sudo', 'spared', 'refused'), one('sleep', 'member', 'tmpdir')],
    why: /sudo: may not be signalled; sleep: TMPDIR\)$/,
  },
];

for (const { what, why, when, remaining = [], ...verdict } of CASES)
  test(what, () => {
    const facts = { id: 'k3j9x0ab', owner: 4711, work: '/tmp/w, a git worktree', remaining, ...verdict };
    const text = fateText(facts);
    assert.match(text.why, why);
    assert.match(text.when, when);
  });
