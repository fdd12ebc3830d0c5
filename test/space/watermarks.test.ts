// How much room must be left and up to where it is made: as people write it, its defaults, and what is missing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { QwRunError } from '#src/errors.js';
import { quote } from '#src/quote.js';
import type { Headroom } from '#src/space/headroom.js';
import {
  lowRoom,
  missingRoom,
  parseWatermark,
  resolveWatermarks,
  targetRoom,
  type Watermark,
} from '#src/space/watermarks.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const refused = (call: () => unknown, ...named: string[]) =>
  assert.throws(call, (error) => {
    assert.ok(error instanceof QwRunError && error.code === 'ERR_QW_USAGE', String(error));
    for (const name of named) assert.ok(error.message.includes(name), `${name} in ${error.message}`);
    return true;
  });

describe('a watermark', () => {
  const table: [value: string | number, watermark: Watermark][] = [
    ['5%', { percent: 5 }],
    ['0%', { percent: 0 }],
    ['100%', { percent: 100 }],
    ['2.5%', { percent: 2.5 }],
    [' 64M ', { bytes: 64 * MIB }],
    ['64MiB', { bytes: 64 * MIB }],
    ['64MB', { bytes: 64 * MIB }],
    ['64mb', { bytes: 64 * MIB }],
    ['2G', { bytes: 2 * GIB }],
    ['1.5G', { bytes: 1.5 * GIB }],
    ['1T', { bytes: 1024 * GIB }],
    ['10K', { bytes: 10_240 }],
    ['0', { bytes: 0 }],
    [4096, { bytes: 4096 }],
    [0, { bytes: 0 }],
  ];
  for (const [value, watermark] of table)
    test(`${JSON.stringify(value)}`, () => assert.deepEqual(parseWatermark('low', value), watermark));
  const wrong = ['', '5', '101%', '-5%', '5 %', '5 M', 'M', '512', '5P', 'half', '5%%', '1e3M', '0x5M'];
  for (const value of [...wrong, -1, Number.NaN, Number.POSITIVE_INFINITY])
    test(`not ${quote(value)}`, () => refused(() => parseWatermark('low', value), 'low', quote(value)));
  test('by option before the variable, which is named when it is wrong', () => {
    const env = { QW_LOW: '1G', QW_TARGET: '2G' };
    assert.deepEqual(resolveWatermarks({}, {}), { low: undefined, target: undefined });
    assert.deepEqual(resolveWatermarks({}, env), { low: { bytes: GIB }, target: { bytes: 2 * GIB } });
    assert.deepEqual(resolveWatermarks({ low: '3%' }, env).low, { percent: 3 });
    refused(() => resolveWatermarks({}, { QW_LOW: 'much' }), 'QW_LOW', 'much');
    refused(() => resolveWatermarks({}, { QW_TARGET: 'more' }), 'QW_TARGET', 'more');
    refused(() => resolveWatermarks({ low: 'much' }, env), 'low', 'much');
  });
  test('for the target, not below low where both are said alike', () => {
    refused(() => resolveWatermarks({ low: '10%', target: '5%' }, {}), 'target', '10%', '5%');
    refused(() => resolveWatermarks({ low: '1G', target: '1M' }, {}), 'target');
    assert.ok(resolveWatermarks({ low: '10%', target: '1M' }, {}));
  });
});

const disk = (total: number, free = 0): Headroom => ({
  bytesTotal: total,
  bytesFree: free,
  bytesUsed: total - free,
  inodesTotal: 1000,
  inodesFree: 100,
});

describe('how much must be free', () => {
  type Watermarks = Parameters<typeof lowRoom>[1];
  const table: [what: string, Headroom, Watermarks, low: [number, number], target: [number, number]][] = [
    ['by default, of 100 GiB: 5 % and 10 %', disk(100 * GIB), {}, [5 * GIB, 50], [10 * GIB, 100]],
    ['of 1 GiB: 64 MiB and twice that', disk(GIB), {}, [64 * MIB, 50], [128 * MIB, 100]],
    ['of 200 MiB: not more than half', disk(200 * MIB), {}, [64 * MIB, 50], [100 * MIB, 100]],
    [
      'of 100 MiB: low is more than half, so it is the target',
      disk(100 * MIB),
      {},
      [64 * MIB, 50],
      [64 * MIB, 100],
    ],
    [
      'as said, in percent',
      disk(100 * GIB),
      { low: { percent: 2 }, target: { percent: 8 } },
      [2 * GIB, 20],
      [8 * GIB, 80],
    ],
    [
      'as said, in bytes',
      disk(100 * GIB),
      { low: { bytes: GIB }, target: { bytes: 3 * GIB } },
      [GIB, 50],
      [3 * GIB, 100],
    ],
    ['twice a low that was said', disk(100 * GIB), { low: { bytes: GIB } }, [GIB, 50], [2 * GIB, 100]],
    [
      'a target that turns out below low',
      disk(100 * GIB),
      { low: { percent: 10 }, target: { bytes: GIB } },
      [10 * GIB, 100],
      [10 * GIB, 200],
    ],
    ['nothing', disk(100 * GIB), { low: { percent: 0 } }, [0, 0], [0, 0]],
    ['nothing, without a unit', disk(100 * GIB), { low: { bytes: 0 } }, [0, 0], [0, 0]],
  ];
  for (const [what, headroom, watermarks, low, target] of table)
    test(what, () => {
      const pair = ({ bytes, inodes }: { bytes: number; inodes: number }) => [bytes, inodes];
      assert.deepEqual(pair(lowRoom(headroom, watermarks)), low);
      assert.deepEqual(pair(targetRoom(headroom, watermarks)), target);
    });
  test('no inodes where none are counted', () => {
    const btrfs = { ...disk(GIB, GIB), inodesTotal: 0, inodesFree: 0 };
    assert.deepEqual(missingRoom(btrfs, lowRoom(btrfs, {})), { bytes: 0, inodes: 0 });
  });
  test('what is missing', () => {
    assert.deepEqual(missingRoom(disk(GIB, 10), { bytes: 25, inodes: 150 }), { bytes: 15, inodes: 50 });
    assert.deepEqual(missingRoom(disk(GIB, 30), { bytes: 25, inodes: 50 }), { bytes: 0, inodes: 0 });
  });
  test('the target is never below low, nor beyond the file system where nobody asked for it', () => {
    const percent = fc.record({ percent: fc.integer({ min: 0, max: 100 }) });
    const bytes = fc.record({ bytes: fc.integer({ min: 0, max: 2 ** 40 }) });
    const watermark = fc.option(fc.oneof(percent, bytes), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), watermark, watermark, (total, low, target) => {
        const below = lowRoom(disk(total), { low });
        const above = targetRoom(disk(total), { low, target });
        assert.ok(above.bytes >= below.bytes && above.inodes >= below.inodes);
        if (!target) assert.ok(above.bytes <= Math.max(below.bytes, total / 2));
      }),
    );
  });
});
