// Who keeps a session without being ended, decided on forged processes: spared members with all their descendants,
// holders, sockets of nobody in sight; and which unreadable processes count as possible holders.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type SuspectWindow, suspects } from '#src/process/suspects.js';
import { agent, DIR, hold, NOBODY, OWNER, proc, ROOT, snapshotOf, sorted, T } from '../helpers/forged.js';

describe('spared', () => {
  const isSpared = ({ comm }: { comm: string }) => comm === 'tmux';
  const tmux = (facts = {}) => proc(200, { comm: 'tmux', ...facts });
  test('a member that is on the list, with all below it, whatever their TMPDIR', () => {
    const below = [proc(300, { ppid: 200, tmpdir: T }), proc(400, { ppid: 300, session: 400 })];
    assert.deepEqual(
      sorted([agent(), tmux({ ppid: 100 }), ...below, proc(500, { ppid: 100 })], { isSpared }),
      {
        ...NOBODY,
        members: [100, 500],
        spared: [200, 300, 400],
      },
    );
  });
  test('one that only has TMPDIR in T, after the agent', () => {
    assert.deepEqual(sorted([tmux({ tmpdir: T })], { isSpared }), { ...NOBODY, spared: [200] });
  });
  test('not one that has nothing to do with the session', () => {
    assert.deepEqual(sorted([agent(), tmux(), proc(300, { ppid: 200 })], { isSpared }).spared, []);
  });
  test('never the agent itself, though its name is on the list', () => {
    assert.deepEqual(sorted([agent({ comm: 'tmux' }), proc(300, { ppid: 100 })], { isSpared }), {
      ...NOBODY,
      members: [100, 300],
    });
  });
  test('not what is above it', () => {
    const parent = proc(150, { ppid: 100 });
    assert.deepEqual(sorted([agent(), parent, tmux({ ppid: 150 })], { isSpared }).members, [100, 150]);
  });
  test('is counted once: a spared process with files open in T is no holder besides', () => {
    assert.deepEqual(sorted([tmux({ tmpdir: T, holds: [hold()] })], { isSpared }), {
      ...NOBODY,
      spared: [200],
    });
  });
});

describe('holders', () => {
  test('others with something open in this session, not in the one beside it', () => {
    const other = `${ROOT}/bbbbbbbb`;
    const processes = [proc(300, { holds: [hold()] }), proc(400, { holds: [hold(`${other}/tmp/x`, other)] })];
    assert.deepEqual(sorted(processes), { ...NOBODY, holders: [300] });
  });
  test('not members, and not who is exempt', () => {
    const owner = proc(OWNER, { holds: [hold()] });
    assert.deepEqual(sorted([owner, agent({ holds: [hold()] })]), { ...NOBODY, members: [100] });
  });
  test('what is below a holder is none by that', () => {
    assert.deepEqual(sorted([proc(300, { holds: [hold()] }), proc(400, { ppid: 300 })]).holders, [300]);
  });
  test('a socket that nobody in sight has open', () => {
    const socket = { dir: DIR, what: 'socket' as const, path: `${T}/s` };
    assert.deepEqual(sorted([], {}, [socket]).holders, [0]);
    assert.deepEqual(sorted([], {}, [{ ...socket, dir: `${ROOT}/bbbbbbbb` }]).holders, []);
  });
});

describe('unreadable', () => {
  const hidden = proc(300, { readable: false });
  test('only a suspect counts, and only what cannot be read is asked about', () => {
    assert.deepEqual(sorted([hidden], { isSuspect: () => false }), NOBODY);
    assert.deepEqual(sorted([hidden], { isSuspect: () => true }), { ...NOBODY, unreadable: [300] });
    assert.deepEqual(sorted([proc(300)], { isSuspect: () => true }), NOBODY);
  });
});

const HOUR = 3_600_000;
const BOOT = 1_700_000_000_000;
const CREATED = BOOT + 10 * HOUR;
const SEEN = CREATED + HOUR;
const window: SuspectWindow = {
  createdAt: CREATED,
  lastSeenAt: SEEN,
  now: SEEN + HOUR,
  maxAgeMs: 72 * HOUR,
  bootedAt: BOOT,
};
/** An unreadable process that started at this time; procfs counts hundredths of a second since boot. */
const startedAt = (ms: number, facts = {}) =>
  proc(300, { readable: false, startTime: Math.round((ms - BOOT) / 10), ...facts });

describe('an unreadable process may hold something', () => {
  const table: [when: string, startedAtMs: number, now: number, isSuspect: boolean][] = [
    ['started during the session', CREATED + HOUR / 2, window.now, true],
    ['started with the session', CREATED + 1_000, window.now, true],
    ['started just before it was seen last', SEEN - 1_000, window.now, true],
    ['started a minute before the session', CREATED - 60_000, window.now, false],
    ['started with the machine', BOOT, window.now, false],
    ['started a minute after owner and agent were seen last', SEEN + 60_000, window.now, false],
    ['just before max age', CREATED + HOUR / 2, SEEN + 72 * HOUR - 1, true],
    ['after max age', CREATED + HOUR / 2, SEEN + 72 * HOUR + 1, false],
  ];
  for (const [when, at, now, isSuspect] of table) {
    test(`${when}: ${isSuspect ? 'yes' : 'no'}`, () => {
      const process = startedAt(at);
      assert.equal(suspects(snapshotOf([process]), { ...window, now })(process), isSuspect);
    });
  }
  const set: [what: string, setMs: number, at: number, lastSeenAt: number, isSuspect: boolean][] = [
    ['forwards, owner and agent seen before', 96 * HOUR, CREATED + 96 * HOUR + HOUR / 2, SEEN, true],
    ['forwards, and it started before the session', 96 * HOUR, CREATED - HOUR, SEEN, false],
    ['forwards, and it started after them', 96 * HOUR, SEEN + 97 * HOUR, SEEN, false],
    [
      'backwards, owner and agent seen after',
      -96 * HOUR,
      CREATED - 96 * HOUR + HOUR / 2,
      SEEN - 96 * HOUR,
      true,
    ],
  ];
  for (const [what, setMs, at, lastSeenAt, isSuspect] of set)
    test(`where the clock was set ${what}: ${isSuspect ? 'yes' : 'no'}`, () => {
      const process = startedAt(at);
      const now = lastSeenAt + Math.max(0, setMs) + HOUR;
      const clock = { oldestMs: Infinity, setMs };
      assert.equal(
        suspects(snapshotOf([process]), { ...window, lastSeenAt, now, clock })(process),
        isSuspect,
      );
    });
  const alive = { ...window, owner: OWNER };
  const asked = (ppid: number, others = [proc(200)]) => {
    const process = startedAt(CREATED + HOUR / 2, { ppid });
    return suspects(snapshotOf([process, ...others]), alive)(process);
  };
  test('under a living owner: when it was handed to pid 1, or to an ancestor of the owner that adopts', () => {
    assert.equal(asked(1), true);
    assert.equal(asked(80, [proc(80), proc(OWNER, { ppid: 80 })]), true);
    assert.equal(asked(OWNER), true);
  });
  test('under a living owner: not when a readable stranger is its parent or forked that', () => {
    assert.equal(asked(200), false);
    assert.equal(asked(250, [proc(200), proc(250, { ppid: 200, readable: false })]), false);
  });
  test('under a living owner: when its parent is nowhere to be seen', () => assert.equal(asked(250), true));
});
