// What counts as flat over days: noise does, a leak does not, however slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../helpers/seeded.js';
import { judge, type Measure, type Sample } from './flat.js';

const STILL = {
  rss: 80 * 2 ** 20,
  descriptors: 26,
  watchdogs: 7,
  sessions: 15,
  trash: 0,
  entries: 300,
  state: 2,
};
const random = seeded(1);

/** Ten days, a sample every two hours. */
const days = (change: (day: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 120 }, (_, at) => ({ hour: at * 2, ...STILL, ...change(at / 12) }));
const notFlat = (samples: Sample[]): Measure[] =>
  judge(samples).flatMap(({ measure, isFlat }) => (isFlat ? [] : measure));

test('what stays the same, or goes up and down, or grows while it warms up, is flat', () => {
  assert.deepEqual(notFlat(days(() => ({}))), []);
  const noise = (value: number) => Math.round(value * (0.8 + 0.4 * random()));
  assert.deepEqual(
    notFlat(days(() => ({ sessions: noise(15), descriptors: noise(26), rss: noise(STILL.rss) }))),
    [],
  );
  assert.deepEqual(notFlat(days((day) => ({ rss: STILL.rss + Math.min(day, 2) * 2 ** 25 }))), []);
});

test('what grows day by day is not', () => {
  for (const [measure, aDay] of [
    ['rss', 4 * 2 ** 20],
    ['descriptors', 2],
    ['watchdogs', 1],
    ['sessions', 1],
    ['trash', 1],
    ['entries', 50],
    ['state', 1],
  ] as const)
    assert.deepEqual(notFlat(days((day) => ({ [measure]: STILL[measure] + Math.floor(day * aDay) }))), [
      measure,
    ]);
});

test('a few samples show nothing', () => {
  assert.equal(notFlat(days(() => ({})).slice(0, 9)).length, Object.keys(STILL).length);
});
