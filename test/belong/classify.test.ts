// Who is a proven member of a session, decided on forged processes: by descent from the agent, by a TMPDIR at or under T
// (by path component), or by the session (setsid) that a member led. Nobody else is ever ended.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { classify } from '#src/belong/classify.js';
import { NOTHING_REMEMBERED, type Question } from '#src/belong/question.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import * as forged from '../helpers/forged.js';
import { agent, asked, DIR, hold, NOBODY, proc, sorted, T, tableOf } from '../helpers/forged.js';

const { AGENT, OWNER, ROOT } = forged;

const membersOf = (...args: Parameters<typeof sorted>) => sorted(...args).members;
const BESIDE = `${ROOT}/bbbbbbbb/tmp`;

describe('by descent', () => {
  test('the agent and all below it, whatever the order of pids', () => {
    const tree = [agent(), proc(200, { ppid: 100 }), proc(20, { ppid: 200 }), proc(300, { ppid: 20 })];
    assert.deepEqual(membersOf([...tree, proc(400, { ppid: 40 })]), [20, 100, 200, 300]);
  });
  test('also below a process that cannot be read, and one that cannot be read itself', () => {
    const hidden = proc(200, { ppid: 100, readable: false });
    assert.deepEqual(sorted([agent(), hidden, proc(300, { ppid: 200 })]), {
      ...NOBODY,
      members: [100, 200, 300],
    });
  });
  test("the owner, its ancestors and the owner's other children are none", () => {
    const owner = proc(OWNER, { ppid: 80 });
    assert.deepEqual(membersOf([agent(), owner, proc(80), proc(200, { ppid: OWNER })]), [100]);
  });
  test('not a process that has the pid of the agent but another start time, nor what it started', () => {
    assert.deepEqual(membersOf([agent({ startTime: 9_999 }), proc(200, { ppid: 100 })]), []);
  });
  test('below whoever has TMPDIR in T, when the agent is gone', () => {
    assert.deepEqual(membersOf([proc(200, { tmpdir: T }), proc(300, { ppid: 200 })]), [200, 300]);
  });
  test('not the agent of a session beside this one, nested under ours, nor what is below it', () => {
    const nested = proc(200, { ppid: 100, tmpdir: BESIDE });
    assert.deepEqual(membersOf([agent(), nested, proc(300, { ppid: 200, tmpdir: BESIDE })]), [100]);
  });
});

describe('by TMPDIR', () => {
  const table: [tmpdir: string | undefined, isMember: boolean][] = [
    [T, true],
    [`${T}/`, true],
    [`${T}/claude-1000`, true],
    [`${T}/claude-1000/deep/er`, true],
    [`${T}-other`, false],
    [`${T}2`, false],
    [`${T.slice(0, -1)}`, false],
    [DIR, false],
    [`${DIR}/tmpx/tmp`, false],
    [`${DIR}/other`, false],
    [ROOT, false],
    [BESIDE, false],
    [`/home/x${T}`, false],
    [`.${T}`, false],
    [T.toUpperCase(), false],
    ['/tmp', false],
    ['/', false],
    ['', false],
    [undefined, false],
  ];
  for (const [tmpdir, isMember] of table) {
    test(`${tmpdir === undefined ? 'none' : JSON.stringify(tmpdir)}: ${isMember ? 'a member' : 'not'}`, () => {
      assert.deepEqual(membersOf([proc(200, { tmpdir })]), isMember ? [200] : []);
    });
  }
  test('never by a mere beginning of the path, whatever follows T', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (more) => {
        assert.deepEqual(membersOf([proc(200, { tmpdir: T + more })]), more.startsWith('/') ? [200] : []);
      }),
    );
  });
});

describe('by the session of a member', () => {
  const ledBy = (session: number, facts = {}) => proc(300, { session, ...facts });
  const remembered = (sid: number, youngest: number) => ({
    remembered: { ...NOTHING_REMEMBERED, sids: new Map([[sid, youngest]]) },
  });
  test('that the agent led, who is dead now, at the first look', () => {
    assert.deepEqual(membersOf([ledBy(AGENT.pid)], remembered(AGENT.pid, Infinity)), [300]);
  });
  test('not at all where nobody remembers that the agent led it', () => {
    assert.deepEqual(membersOf([ledBy(AGENT.pid)]), []);
  });
  test('that one with TMPDIR in T leads, for a child with an emptied environment', () => {
    assert.deepEqual(membersOf([proc(200, { tmpdir: T, session: 200 }), ledBy(200)]), [200, 300]);
  });
  test('that a member led who has left, as long as one is in it that was there at the last look', () => {
    assert.deepEqual(
      membersOf([ledBy(200), proc(301, { session: 200 })], remembered(200, 3_000)),
      [300, 301],
    );
  });
  test("not when all in it are younger than that: it was empty meanwhile, and the number is a stranger's (A3)", () => {
    assert.deepEqual(membersOf([ledBy(200)], remembered(200, 2_999)), []);
  });
  test('a session that a look finds empty is forgotten, one that it finds is remembered by its youngest', () => {
    const sidsOf = (processes: ProcessFacts[], question: Partial<Question> = {}) =>
      Object.fromEntries(classify(tableOf(processes), asked(question)).sids);
    assert.deepEqual(sidsOf([], remembered(200, Infinity)), {});
    assert.deepEqual(sidsOf([ledBy(200), proc(310, { session: 200 })], remembered(200, 3_000)), {
      200: 3_100,
    });
    assert.deepEqual(sidsOf([agent({ session: 100 })]), { 100: 1_000 });
  });
  test('not the session a member is only part of: that is the login shell of the user', () => {
    const shell = proc(50, { session: 50 });
    assert.deepEqual(membersOf([shell, agent({ session: 50 }), proc(300, { session: 50 })]), [100]);
  });
  test('not whoever opted out by an exec with another TMPDIR', () => {
    const daemon = ledBy(AGENT.pid, { tmpdir: '/tmp' });
    assert.deepEqual(membersOf([agent(), daemon, proc(400, { ppid: 300, tmpdir: '/tmp' })]), [100]);
  });
  test('that a descendant leads, at the first look', () => {
    const leader = proc(200, { ppid: 100, session: 200 });
    assert.deepEqual(membersOf([agent(), leader, ledBy(200)]), [100, 200, 300]);
  });
  test('not that of a stranger who got the pid of the dead agent (a new login shell, say)', () => {
    const stranger = proc(AGENT.pid, { startTime: 999_999, session: AGENT.pid });
    const left = ledBy(AGENT.pid, { ppid: AGENT.pid });
    assert.deepEqual(membersOf([stranger, left], remembered(AGENT.pid, Infinity)), []);
  });
  test('not that of a stranger who got the pid of a member found earlier', () => {
    const stranger = proc(200, { startTime: 999_999, session: 200 });
    assert.deepEqual(membersOf([stranger, ledBy(200)], remembered(200, Infinity)), []);
  });
});

test('whoever is exempt is never a member, by none of the proofs', () => {
  const us = proc(200, { ppid: 100, tmpdir: T, session: 100 });
  assert.deepEqual(sorted([agent(), us], { exempt: [200] }), { ...NOBODY, members: [100] });
});

test('holding is no membership: never, whatever else a process without proof does', () => {
  const facts = fc.record({
    tmpdir: fc.constantFrom(undefined, '/tmp', `${T}-other`, BESIDE, DIR),
    session: fc.constantFrom(1, 50, 300),
    readable: fc.boolean(),
    holds: fc.array(fc.constantFrom(hold(), hold(T), hold(`${BESIDE}/x`, `${ROOT}/bbbbbbbb`))),
    comm: fc.constantFrom('vim', 'claude', 'agent'),
  });
  fc.assert(
    fc.property(facts, (it) => {
      const { members, spared, users } = sorted([agent(), proc(300, it)], { kindOf: () => 'manager' });
      assert.deepEqual({ members, spared }, { members: [100], spared: [] });
      assert.deepEqual(users, it.holds.some(({ dir }) => dir === DIR) ? [300] : []);
    }),
  );
});
