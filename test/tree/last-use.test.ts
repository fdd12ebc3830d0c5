// What the times of a file prove of its last use, under each way in which file systems note that one was
// read. The rules of relatime(8) themselves are tried on real mounts in test/as-root/atime.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lastUse, type ReadsNoted, readsNotedAt } from '#src/tree/last-use.js';
import { HOUR } from '../helpers/reaping.js';

const NOW = 1_000 * HOUR;
/** Hours from now; the last use is answered in hours from now, too. */
const use = (noted: ReadsNoted, atime: number, mtime: number, ctime: number): number => {
  const [atimeMs, mtimeMs, ctimeMs] = [atime, mtime, ctime].map((hours) => NOW + hours * HOUR) as [
    number,
    number,
    number,
  ];
  return (lastUse({ atimeMs, mtimeMs, ctimeMs }, noted, NOW) - NOW) / HOUR;
};

describe('a file was used at the latest', () => {
  const table: [what: string, noted: ReadsNoted, times: [number, number, number], expected: number][] = [
    ['when it was written, where nobody has read it since', 'daily', [-30, -20, -20], -20],
    ['then, also where it was read in that moment', 'daily', [-20, -20, -20], -20],
    ['a day after it was read: no second read shows', 'daily', [-30, -40, -40], -6],
    ['now, where it was read within a day', 'daily', [-5, -40, -40], 0],
    ['when it was changed after that: a read since would show', 'daily', [-5, -40, -4], -4],
    ['when it was read last, where every read shows', 'all', [-5, -40, -40], -5],
    ['now, where no read shows and it was written within a day', 'none', [-5, -5, -5], 0],
    ['when it was written, where that is longer ago', 'none', [-25, -25, -25], -25],
    ['when it was changed, where it is dated ahead', 'all', [100, 100, -30], -30],
    ['when it was changed, where the last change is dated ahead: reads show', 'daily', [-50, 100, -30], -30],
    ['a day after that, where reads do not show either', 'daily', [100, -50, -30], -6],
    ['in the time to come, where the clock was set back', 'all', [-50, -50, 10], 10],
    ['now, by the clock of a file server that is a little ahead', 'all', [-50, 0.01, -50], 0.01],
  ];
  for (const [what, noted, times, expected] of table)
    test(`${what} (${noted}: ${times})`, () =>
      assert.equal(use(noted, ...times).toFixed(3), expected.toFixed(3)));

  test('never earlier than what is known, never later than now but for the clock', () => {
    const time = fc.integer({ min: -100, max: 0 });
    fc.assert(
      fc.property(fc.constantFrom('all', 'daily', 'none'), time, time, time, (noted, ...times) => {
        const at = use(noted, ...times);
        assert.ok(at >= Math.max(...times) - 1e-6 && at <= 1e-6);
      }),
    );
  });
});

describe('reads are noted', () => {
  const mounts = [
    ['/', 'ext4', 'rw,relatime'],
    ['/tmp', 'tmpfs', 'rw,nosuid'],
    ['/usr', 'ext4', 'rw,noatime'],
    ['/proc', 'proc', 'rw'],
    ['/dev', 'fuse.sshfs', 'rw,relatime'],
  ].map(([point = '', type = '', options = '']) => {
    return { point, type, options: options.split(','), device: '0:1', root: '/' };
  });
  const table: [path: string, expected: ReadsNoted][] = [
    ['/tmp/x', 'all'],
    ['/x', 'daily'],
    ['/usr/x', 'none'],
    ['/dev/x', 'none'],
    ['/no/such/place/x', 'none'],
  ];
  for (const [path, expected] of table)
    test(`${path}: ${expected}`, () => assert.equal(readsNotedAt(path, mounts), expected));
  test('as if none were, where no mount is to be seen', () =>
    assert.equal(readsNotedAt('/tmp/x', []), 'none'));
});
