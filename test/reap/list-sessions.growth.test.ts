// Growth a minute is told for sessions at work, once there was a minute to look at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthPerMinute } from '#src/reap/list-sessions.js';

const table: [what: string, ...facts: Parameters<typeof growthPerMinute>, number | null][] = [
  ['ten minutes', 'live', 1000, 600_000, 100],
  ['exactly one', 'held', 1000, 60_000, 1000],
  ['younger', 'live', 1000, 59_999, null],
  ['a clock set back', 'live', 1000, -5, null],
  ['without a lease', 'held', 1000, Number.NaN, null],
  ['ended', 'kept', 1000, 600_000, null],
  ['nobody there', 'orphan', 1000, 600_000, null],
];
for (const [what, state, bytes, ageMs, expected] of table)
  test(what, () => assert.equal(growthPerMinute(state, bytes, ageMs), expected));
