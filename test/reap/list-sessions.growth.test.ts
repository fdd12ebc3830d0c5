// Growth a minute is told for sessions at work, once there was a minute to look at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthPerMinute } from '#src/reap/list-sessions.js';

const table: [what: string, Parameters<typeof growthPerMinute>[0], number | null][] = [
  ['ten minutes', { state: 'live', bytes: 1000, ageMs: 600_000 }, 100],
  ['exactly one', { state: 'held', bytes: 1000, ageMs: 60_000 }, 1000],
  ['younger', { state: 'live', bytes: 1000, ageMs: 59_999 }, null],
  ['a clock set back', { state: 'live', bytes: 1000, ageMs: -5 }, null],
  ['without a lease', { state: 'held', bytes: 1000, ageMs: Number.NaN }, null],
  ['ended', { state: 'kept', bytes: 1000, ageMs: 600_000 }, null],
  ['nobody there', { state: 'orphan', bytes: 1000, ageMs: 600_000 }, null],
];
for (const [what, facts, expected] of table) test(what, () => assert.equal(growthPerMinute(facts), expected));
