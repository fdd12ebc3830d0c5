// A server ends many sessions at once: all have begun to end when the calls return. The rest is done in many
// turns of the event loop, not in one.
import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Session } from 'qw-run';
import { endProcesses } from '#src/end/occupants.js';
import type { Lease } from '#src/lease/lease.js';
import { WALL_CLOCK } from '#src/process/session-clock.js';
import { NO_LOOK } from '#src/process/table.js';
import { leaseIn, opened } from '../helpers/opened.js';
import { leaseOf } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const skip = process.platform !== 'linux' && 'reads procfs';
const MANY = 20;
/** In one turn, where each look at the clock takes a third of it. */
const FEW = 4;

test('all begin at once, and take turns from there', { skip }, async (t) => {
  const here = scene(t);
  const sessions: Session[] = [];
  for (let at = 0; at < MANY; at += 1) sessions.push(await opened(t, here));
  slowClock(t);
  const ends = sessions.map((session) => session.end());
  const isMarked = ({ dir }: Session) => (lstatSync(join(dir, 'lease.json')).mode & 0o1000) !== 0;
  const isWritten = (session: Session) => 'ending' in leaseIn(session);
  const written = sessions.filter(isWritten);
  assert.ok(sessions.every((session) => isMarked(session) || isWritten(session)));
  assert.ok(written.length <= FEW, `${written.length} leases were written`);
  for (const { state } of await Promise.all(ends)) assert.equal(state, 'removed');
  here.nothingLeft();
});

test('those that waited for the same look are judged in turns', { skip }, async (t) => {
  slowClock(t);
  let isDone = false;
  let judged = 0;
  const turns: number[] = [];
  const nextTurn = () => {
    turns.push(judged);
    judged = 0;
    if (!isDone) setImmediate(nextTurn);
  };
  setImmediate(nextTurn);
  const memory = { members: [], sids: new Map(), spared: [], begin() {}, noteAgent() {}, forgetGone() {} };
  const note = () => {
    judged += 1;
  };
  const look = Promise.resolve(NO_LOOK);
  const end = (_: unknown, at: number) => {
    const id = `many${1000 + at}`;
    const lease = leaseOf(id) as unknown as Lease;
    const where = { root: '/nowhere', dir: `/nowhere/${id}`, lease, memory: { ...memory, note } };
    return endProcesses({ ...where, spare: [], maxAgeMs: 1, lastSeenAt: 0, clock: WALL_CLOCK }, () => look);
  };
  await Promise.all(Array.from({ length: MANY }, end));
  isDone = true;
  turns.push(judged);
  const all = turns.reduce((sum, one) => sum + one);
  assert.equal(all, MANY);
  assert.ok(Math.max(...turns) <= FEW, String(turns));
});

/** Each look at it takes a millisecond. */
function slowClock(t: { mock: typeof import('node:test').mock }): void {
  let now = process.uptime();
  t.mock.method(process, 'uptime', () => {
    now += 0.001;
    return now;
  });
}
