// How soon somebody asks again how much room there is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSpent, nextLookMs } from '#src/space/headroom.js';

const MIB = 2 ** 20;
const room = (bytesFree: number, inodesFree = 0, inodesTotal = 0) => ({
  ...{ bytesFree, inodesFree, inodesTotal },
  ...{ bytesUsed: 0, bytesTotal: bytesFree },
});

describe('the next look', () => {
  const table: [what: string, headroom: ReturnType<typeof room> | undefined, ms: number][] = [
    ['nothing to ask', undefined, 600_000],
    ['a large disk', room(4e12), 600_000],
    ['10 GiB', room(10_240 * MIB), 26_214],
    ['a small tmpfs', room(64 * MIB), 5_000],
    ['a full one', room(0), 5_000],
    ['few inodes on a large disk', room(4e12, 400_000, 1_000_000), 10_000],
    ['a file system that counts no inodes', room(4e12, 0, 0), 600_000],
  ];
  for (const [what, headroom, ms] of table)
    test(`${what}: in ${ms} ms`, () => assert.equal(nextLookMs(headroom), ms));
  test('is never sooner than in 5 s, never later than in 10 minutes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (bytes, free, total) => {
        const ms = nextLookMs(room(bytes * 1_000, free, total));
        assert.ok(ms >= 5_000 && ms <= 600_000);
      }),
    );
  });
});

test('what has no room for a probe is spent', () => {
  const of = (...args: Parameters<typeof room>) => isSpent(room(...args));
  assert.deepEqual(
    [of(0), of(MIB), of(MIB, 3, 10), of(MIB, 4, 10), of(MIB, 0, 0)],
    [true, false, true, false, false],
  );
});
