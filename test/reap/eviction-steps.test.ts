// When a file system runs full: what goes at which age, coldest first, no more than is missing, never younger than an hour.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Evictable, evictionSteps, missingYet, pressureAges } from '#src/reap/eviction-steps.js';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const aged = (path: string, hours: number, bytes = 10, entries = 1): Evictable => ({
  path,
  lastUsedAt: NOW - hours * HOUR,
  bytes,
  entries,
});
const step = (cold: Evictable[], bytes: number, { maxAge = 72, inodes = 0 } = {}) => {
  const question = { maxAgeMs: maxAge * HOUR, missing: () => ({ bytes, inodes }), now: () => NOW };
  const [found] = evictionSteps(cold, question);
  return found && [found.ageMs / HOUR, ...found.take.map(({ path }) => path)];
};

describe('the ages', () => {
  const table: [maxAge: number, ages: number[]][] = [
    [72, [72, 24, 6, 1]],
    [100, [100, 72, 24, 6, 1]],
    [48, [48, 24, 6, 1]],
    [24, [24, 6, 1]],
    [6.5, [6.5, 6, 1]],
    [1, [1]],
    [0.5, [1]],
    [0, [1]],
  ];
  for (const [maxAge, ages] of table)
    test(`from ${maxAge} h`, () =>
      assert.deepEqual(
        pressureAges(maxAge * HOUR),
        ages.map((age) => age * HOUR),
      ));
});

describe('a step', () => {
  const some = [
    aged('/a', 30),
    aged('/b', 80),
    aged('/c', 7),
    aged('/d', 90),
    aged('/e', 2),
    aged('/f', 0.9),
  ];
  const table: [
    what: string,
    cold: Evictable[],
    missing: number,
    more: object,
    expected: unknown[] | undefined,
  ][] = [
    ['enough is free', some, 0, {}, undefined],
    ['nothing is there', [], 1, {}, undefined],
    ['coldest first, one is enough', some, 5, {}, [72, '/d']],
    ['coldest first, two are needed', some, 15, {}, [72, '/d', '/b']],
    ['no younger ones as long as an older one is there', some, 1000, {}, [72, '/d', '/b']],
    ['then a shorter age', [aged('/a', 30), aged('/c', 7)], 1000, {}, [24, '/a']],
    ['and a shorter one', [aged('/c', 7), aged('/e', 2)], 1000, {}, [6, '/c']],
    ['down to one hour', [aged('/e', 2), aged('/f', 0.9)], 1000, {}, [1, '/e']],
    ['exactly one hour', [aged('/e', 1)], 1, {}, [1, '/e']],
    ['never below', [aged('/f', 0.99)], 1, {}, undefined],
    ['never below, whatever is configured', [aged('/f', 0.99)], 1, { maxAge: 0.1 }, undefined],
    ['not beyond the configured age', [aged('/a', 30), aged('/c', 7)], 1000, { maxAge: 6 }, [6, '/a', '/c']],
    ['of a time to come: the clock was set back', [aged('/a', -5)], 1, {}, undefined],
    ['for inodes alone', some, 0, { inodes: 2 }, [72, '/d', '/b']],
    ['for both, whichever needs more', some, 25, { inodes: 1 }, [72, '/d', '/b']],
    [
      'as large as it is',
      [aged('/a', 99, 1), aged('/b', 98, 1000), aged('/c', 97)],
      500,
      {},
      [72, '/a', '/b'],
    ],
    [
      'not what goes with another',
      [aged('/a', 80), aged('/a/b', 80), aged('/ab', 79)],
      15,
      {},
      [72, '/a', '/ab'],
    ],
    [
      'the inner one first where it is colder',
      [aged('/a', 80, 50), aged('/a/b', 90, 40)],
      45,
      {},
      [72, '/a/b', '/a'],
    ],
    [
      'the inner one alone where that is enough',
      [aged('/a', 80, 50), aged('/a/b', 90, 40)],
      40,
      {},
      [72, '/a/b'],
    ],
  ];
  for (const [what, cold, missing, more, expected] of table)
    test(what, () => assert.deepEqual(step(cold, missing, more), expected));

  test('an outer one holds less after the inner one went, and the inner one goes with it', () => {
    const cold = [aged('/a', 2, 50, 5), aged('/a/b', 3, 40, 2), aged('/a/b/c', 4, 30, 1), aged('/ab', 5)];
    const missing = () => ({ bytes: 1000, inodes: 0 });
    const question = { maxAgeMs: HOUR, missing, gone: [aged('/a/b', 3, 40, 2)], now: () => NOW };
    const taken = [...evictionSteps(cold, question)].flatMap(({ take }) => take);
    assert.deepEqual(taken, [aged('/ab', 5), aged('/a', 2, 10, 3)]);
  });

  test('again and again until nothing is missing takes all that may go at most, each once, in order', () => {
    const things = fc.array(fc.record({ hours: fc.integer({ min: -2, max: 200 }), bytes: fc.nat(100) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(things, fc.nat(2_000), fc.integer({ min: 1, max: 100 }), (list, wanted, maxAge) => {
        const cold = list.map(({ hours, bytes }, at) => aged(`/${at}`, hours, bytes));
        let missing = wanted;
        const taken: { hours: number; age: number }[] = [];
        const question = {
          maxAgeMs: maxAge * HOUR,
          missing: () => ({ bytes: missing, inodes: 0 }),
          now: () => NOW,
        };
        for (const { ageMs, take } of evictionSteps(cold, question)) {
          assert.ok(
            take.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0) < missing,
            'no more than needed',
          );
          for (const { lastUsedAt } of take)
            taken.push({ hours: (NOW - lastUsedAt) / HOUR, age: ageMs / HOUR });
          missing -= take.reduce((sum, { bytes }) => sum + bytes, 0);
        }
        assert.ok(taken.every(({ hours, age }) => hours >= age && age >= 1));
        assert.deepEqual(
          taken.map(({ hours }) => hours),
          taken.map(({ hours }) => hours).sort((a, b) => b - a),
        );
        if (missing > 0) assert.equal(taken.length, list.filter(({ hours }) => hours >= 1).length);
      }),
    );
  });
});

describe('what is missing yet', () => {
  const MIB = 1024 ** 2;
  const headroom = {
    ...{ bytesTotal: 1024 * MIB, bytesUsed: 524 * MIB, bytesFree: 500 * MIB },
    ...{ inodesTotal: 1000, inodesFree: 500 },
  };
  const facts = { headroom, watermarks: {}, isHidden: false, isFull: false, freed: { bytes: 0, inodes: 0 } };
  const table: [
    what: string,
    more: Partial<Parameters<typeof missingYet>[0]>,
    mib: number,
    inodes: number,
  ][] = [
    ['nothing above the target', {}, 0, 0],
    ['up to the target', { headroom: { ...headroom, bytesFree: 100 * MIB } }, 28, 0],
    ['inodes too', { headroom: { ...headroom, inodesFree: 10 } }, 0, 90],
    ['a little more as long as a write is refused', { isFull: true }, 16, 0],
    ['behind a quota: some room, though a write goes through', { isHidden: true }, 128, 0],
    ['less what was freed', { isHidden: true, freed: { bytes: 100 * MIB, inodes: 5 } }, 28, 0],
    ['or many entries', { isHidden: true, freed: { bytes: MIB, inodes: 10_000 } }, 0, 0],
    ['and a little more', { isHidden: true, isFull: true, freed: { bytes: 128 * MIB, inodes: 5 } }, 16, 0],
    ['as much as was asked for', { isHidden: true, watermarks: { target: { bytes: 5 * MIB } } }, 5, 0],
  ];
  for (const [what, more, mib, inodes] of table)
    test(what, () => assert.deepEqual(missingYet({ ...facts, ...more }), { bytes: mib * MIB, inodes }));
});
