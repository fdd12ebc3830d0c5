// How old things in a session can be: its owner's start time and the machine's boot tell it, whatever the wall clock was set to since.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ageIn, type ClockFacts, sessionClock, WALL_CLOCK, wallAge } from '#src/process/session-clock.js';

const HOUR = 3_600_000;
const BOOT = 1_700_000_000_000;
/** The machine runs for 100 h, the owner began after 10 h, the session after 90 h. */
const facts: ClockFacts = {
  owner: { pid: 7, startTime: 10 * 3600 * 100, bootId: 'b' },
  createdAt: BOOT + 90 * HOUR,
  bootedAt: BOOT,
  own: { bootId: 'b' },
  bootAt: BOOT,
  sinceBootMs: 100 * HOUR,
};
const clock = (more: Partial<ClockFacts> = {}) => sessionClock({ ...facts, ...more });
const owner = (more: object) => ({ owner: { ...facts.owner, ...more } });

describe('nothing in a session is older', () => {
  const table: [what: string, more: Partial<ClockFacts>, hours: number][] = [
    ['than the session', {}, 10],
    ['than its owner, where nothing else is known', { bootedAt: undefined }, 90],
    ['than its owner, whatever the lease says of the session', { createdAt: 0 }, 90],
    ['than the session, however far the clock was set', { bootAt: BOOT + 1_000 * HOUR }, 10],
    [
      'than its owner, in the same time namespace',
      { ...owner({ timeNamespace: '1' }), createdAt: 0, own: { bootId: 'b', timeNamespace: '1' } },
      90,
    ],
    ['than nothing: it was opened after now', { createdAt: BOOT + 101 * HOUR }, -1],
    ['than nothing: its owner begins after now', owner({ startTime: 101 * 3600 * 100 }), -1],
  ];
  for (const [what, more, hours] of table)
    test(what, () => {
      assert.equal(clock(more).oldestMs, hours * HOUR);
      assert.equal(ageIn(clock(more), 1e15), hours * HOUR);
    });
});

describe('nothing is known', () => {
  const table: [what: string, more: Partial<ClockFacts>][] = [
    ['of another kernel', owner({ bootId: 'c' })],
    ['without boot ids', { ...owner({ bootId: '' }), own: { bootId: '' } }],
    [
      'of another time namespace',
      { ...owner({ timeNamespace: '1' }), own: { bootId: 'b', timeNamespace: '2' } },
    ],
    ['of a time namespace that only one of both names', { own: { bootId: 'b', timeNamespace: '2' } }],
  ];
  for (const [what, more] of table) test(what, () => assert.deepEqual(clock(more), WALL_CLOCK));
});

describe('the clock was set', () => {
  const old = { createdAt: BOOT + 11 * HOUR };
  test('forwards: as much is taken from ages', () => {
    const set = clock({ ...old, bootAt: BOOT + 96 * HOUR });
    assert.deepEqual([ageIn(set, 97 * HOUR), ageIn(set, 0)], [HOUR, -96 * HOUR]);
    assert.equal(wallAge(set, 72 * HOUR), (96 + 72) * HOUR);
  });
  test('backwards: ages are too short already', () => {
    const set = clock({ ...old, bootAt: BOOT - 96 * HOUR });
    assert.deepEqual([ageIn(set, HOUR), wallAge(set, 72 * HOUR)], [HOUR, 72 * HOUR]);
  });
  test('what cannot be that old is asked about at no age', () => {
    assert.equal(wallAge(clock(), 72 * HOUR), undefined);
    assert.equal(wallAge(WALL_CLOCK, 72 * HOUR), 72 * HOUR);
  });
});
