// Which processes count as begun in the time of a session: their start times count from boot, its times are the wall clock's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beganInside, type Lifetime } from '#src/belong/began-inside.js';
import { WALL_CLOCK } from '#src/process/session-clock.js';

const HOUR = 3_600_000;
const BOOT = 1_700_000_000_000;
const CREATED = BOOT + 10 * HOUR;
const SEEN = CREATED + HOUR;
const window: Lifetime = {
  createdAt: CREATED,
  lastSeenAt: SEEN,
  now: SEEN + HOUR,
  maxAgeMs: 72 * HOUR,
  bootedAt: BOOT,
  clock: WALL_CLOCK,
};
/** Procfs counts hundredths of a second since boot. */
const startedAt = (ms: number) => ({ startTime: Math.round((ms - BOOT) / 10) });

describe('a process began in it', () => {
  const table: [when: string, startedAtMs: number, now: number, isInside: boolean][] = [
    ['started during the session', CREATED + HOUR / 2, window.now, true],
    ['started with the session', CREATED + 1_000, window.now, true],
    ['started just before it was seen last', SEEN - 1_000, window.now, true],
    ['started a minute before the session', CREATED - 60_000, window.now, false],
    ['started with the machine', BOOT, window.now, false],
    ['started a minute after owner and agent were seen last', SEEN + 60_000, window.now, false],
    ['just before max age', CREATED + HOUR / 2, SEEN + 72 * HOUR - 1, true],
    ['after max age', CREATED + HOUR / 2, SEEN + 72 * HOUR + 1, false],
  ];
  for (const [when, at, now, isInside] of table) {
    test(`${when}: ${isInside ? 'yes' : 'no'}`, () => {
      assert.equal(beganInside(startedAt(at), { ...window, now }), isInside);
    });
  }
  const set: [what: string, setMs: number, at: number, lastSeenAt: number, isInside: boolean][] = [
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
  for (const [what, setMs, at, lastSeenAt, isInside] of set)
    test(`where the clock was set ${what}: ${isInside ? 'yes' : 'no'}`, () => {
      const now = lastSeenAt + Math.max(0, setMs) + HOUR;
      const clock = { oldestMs: Infinity, setMs };
      assert.equal(beganInside(startedAt(at), { ...window, lastSeenAt, now, clock }), isInside);
    });
});
