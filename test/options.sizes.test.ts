// A size means the same wherever one is written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSize } from '#src/options.js';
import { parseWatermark } from '#src/space/watermarks.js';

const MIB = 1024 ** 2;

for (const [value, bytes] of [
  ['1M', MIB],
  ['1MB', MIB],
  ['1MiB', MIB],
  ['1m', MIB],
  [' 1.5K ', 1_536],
  ['2G', 2_048 * MIB],
  ['1T', MIB * MIB],
  ['0', 0],
  [4_096, 4_096],
] as const)
  test(`${JSON.stringify(value)} of --size and of --low`, () => {
    assert.equal(parseSize('size', value), bytes);
    assert.deepEqual(parseWatermark('low', value), { bytes });
  });

for (const value of [
  '512',
  '',
  'M',
  '1 M',
  '-1M',
  '1P',
  '1e3M',
  '0x5M',
  -1,
  Number.NaN,
  Infinity,
  '9999999T',
])
  test(`${JSON.stringify(value)} is none of either`, () => {
    assert.throws(() => parseSize('size', value), { code: 'ERR_QW_USAGE' });
    assert.throws(() => parseWatermark('low', value), { code: 'ERR_QW_USAGE' });
  });
