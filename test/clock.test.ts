// When the machine booted, also where a container is told otherwise; and times that no Date can tell.
import assert from 'node:assert/strict';
import { uptime } from 'node:os';
import { test } from 'node:test';
import { bootedAt, isoTime } from '#src/clock.js';

const isNear = (a: number, b: number) => Math.abs(a - b) < 5_000;

test('the boot is as long ago as the uptime says', () => {
  assert.ok(isNear(bootedAt(), Date.now() - uptime() * 1_000));
  assert.ok(isNear(bootedAt(1), bootedAt()));
});

test('no later than the start of a process: a container’s own uptime is shorter', () => {
  const startTicks = (uptime() + 86_400) * 100;
  const expected = Date.now() - (uptime() + 86_400 + process.uptime()) * 1_000;
  assert.ok(isNear(bootedAt(startTicks), expected));
});

test('a file’s time beyond all dates is told as the last one', () => {
  assert.equal(isoTime(0), '1970-01-01T00:00:00.000Z');
  assert.equal(isoTime(1e18), '+275760-09-13T00:00:00.000Z');
});
