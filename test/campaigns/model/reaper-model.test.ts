// Random schedules of all that happens to sessions, in a real directory with the real reaper, clock and process table injected.
// The suite has the same schedules each time. QW_MODEL_RUNS=10000 for a long run of others; what it prints of one that fails,
// QW_MODEL_SEED=seed:path runs again.
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { ownProcesses } from '../../helpers/own-processes.js';
import { ownTime } from '../../helpers/own-time.js';
import { sandbox } from '../../helpers/sandbox.js';
import { happenings, startsAndDies } from './commands.js';
import { World } from './world.js';

const { QW_MODEL_RUNS, QW_MODEL_SEED } = process.env;
const RUNS = Number(QW_MODEL_RUNS || 200);
const replayed = () => {
  const [, seed, path] = /^(-?\d+):?(.*)$/.exec(QW_MODEL_SEED ?? '') ?? [];
  if (seed === undefined) return QW_MODEL_RUNS ? {} : { seed: 1 };
  return { seed: Number(seed), ...(path ? { path } : {}) };
};

async function check(t: TestContext, commands: typeof happenings, numRuns: number): Promise<void> {
  const box = sandbox(t);
  const time = ownTime(join(box.dir, 'clock'));
  const processes = ownProcesses();
  let [steps, runs] = [0, 0];
  try {
    const schedule = async (
      all: Iterable<(typeof commands)[number] extends fc.Arbitrary<infer One> ? One : never>,
    ) => {
      const world = new World(join(box.dir, `r${runs % 10}`), time, processes);
      runs += 1;
      try {
        await fc.asyncModelRun(() => ({ model: {}, real: world }), all);
      } finally {
        steps += [...all].length;
        world.undo();
      }
    };
    await fc.assert(fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: '+1' }), schedule), {
      numRuns,
      ...replayed(),
      endOnFailure: !QW_MODEL_SEED, // shrinking may take longer than any run
    });
  } finally {
    processes.undo();
    time.undo();
    t.diagnostic(`${runs} schedules, ${steps} commands`);
  }
}

test('nothing used is removed, all that is dead goes in one pass, a second pass changes nothing', (t) =>
  check(t, happenings, RUNS));

test('the same where owners start an agent and die while the reaper looks', (t) =>
  check(t, [...happenings, startsAndDies, startsAndDies], RUNS / 2));
