// Days of agents in minutes: real files, real sessions and the real reaper once an hour. Time is our own, and so is the process
// table: the owners are entries in it.
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { reapNow } from '#src/reap/reap-now.js';
import type { ReapReport } from '#src/reap/reap-report.js';
import { makeRoot } from '../../helpers/make-root.js';
import { ownProcesses } from '../../helpers/own-processes.js';
import { ownTime } from '../../helpers/own-time.js';
import { HOUR } from '../../helpers/reaping.js';
import type { Sandbox } from '../../helpers/sandbox.js';
import { seeded } from '../../helpers/seeded.js';
import { type Agent, openAgent, writeOne } from './agents.js';

export interface SimulateOptions {
  days: number;
  entriesPerDay: number;
  sessionsPerDay: number;
  seed: number;
  /** At the end nobody does anything for 80 hours before the sessions end. */
  isIdleAtEnd: boolean;
}

export interface Amount {
  entries: number;
  bytes: number;
}

/** What there is at some hour. */
export interface Point {
  hour: number;
  sessions: number;
  without: Amount;
  with: Amount;
  /** Since the beginning: entries that the reaper removed with dead sessions, and out of living ones. */
  reaped: number;
  swept: number;
}

export interface Simulation {
  curve: Point[];
  /** Files younger than max age that were missing in a living session. */
  lost: string[];
  failed: string[];
  /** Entries swept after the idle hours, all sessions living on. */
  sweptIdle: number;
  /** What is in the managed root after the last session. */
  left: string[];
  /** Left by agents without qw-run. */
  leftUnwrapped: number;
}

const MAX_AGE_MS = 72 * HOUR;
const LOOK_EVERY = 6;

export async function simulate(box: Sandbox, options: SimulateOptions): Promise<Simulation> {
  const { days, entriesPerDay, sessionsPerDay, seed, isIdleAtEnd } = options;
  const random = seeded(seed);
  const [shared, legacyDir] = [join(box.dir, 'shared'), join(box.dir, 'tmp')];
  for (const dir of [shared, legacyDir]) mkdirSync(dir);
  makeRoot(box.root);
  const time = ownTime(join(box.dir, 'clock'));
  const processes = ownProcesses();
  processes.table.set(process.pid, { pid: process.pid, startTime: 1 });
  const place = { box, legacyDir, processes };
  const result: Simulation = { curve: [], lost: [], failed: [], sweptIdle: 0, left: [], leftUnwrapped: 0 };
  let [agents, written, reaped, swept]: [Agent[], number, number, number] = [[], 0, 0, 0];

  const reap = async (): Promise<ReapReport> => {
    const report = await reapNow(inputOf(box.root, legacyDir));
    reaped += sum(report.removed);
    swept += sum(report.swept);
    result.failed.push(...report.failed.map(({ path, reason }) => `${path}: ${reason}`));
    return report;
  };
  const checkYoung = () => {
    for (const agent of agents) {
      agent.written = agent.written.filter(({ at }) => time.now() - at < MAX_AGE_MS);
      result.lost.push(...agent.written.map(({ path }) => path).filter((path) => !existsSync(path)));
    }
  };

  try {
    for (let hour = 1; hour <= days * 24; hour += 1) {
      for (let due = agents.length === 0 ? 1 : sessionsPerDay / 24; random() < due; due -= 1)
        agents.push(await openAgent(place, random));
      for (const due = Math.round((hour * entriesPerDay) / 24); written < due; )
        written += writeOne(agents[Math.floor(random() * agents.length)] as Agent, shared, random);
      time.pass(HOUR);
      for (const agent of agents.filter(({ endsAt }) => endsAt <= time.now())) await agent.end();
      agents = agents.filter(({ endsAt }) => endsAt > time.now());
      await reap();
      if (hour % LOOK_EVERY !== 0) continue;
      checkYoung();
      const both = [measure(box.root), measure(legacyDir)] as const;
      const ours = { entries: both[0].entries + both[1].entries, bytes: both[0].bytes + both[1].bytes };
      const here = { hour, sessions: agents.length, without: measure(shared), with: ours, reaped, swept };
      result.curve.push(here);
    }
    if (isIdleAtEnd) {
      time.pass(80 * HOUR);
      result.sweptIdle = sum((await reap()).swept);
    }
    for (const agent of agents.splice(0)) await agent.end();
    await reap();
    result.left = box.left();
    result.leftUnwrapped = measure(legacyDir).entries;
    return result;
  } finally {
    for (const agent of agents) await agent.end(); // after a failure
    processes.undo();
    time.undo();
  }
}

const inputOf = (root: string, legacyDir: string) => ({
  roots: [root],
  maxAgeMs: MAX_AGE_MS,
  orphans: 'wait' as const,
  legacy: { backends: ['claude', 'codex', 'gemini'], isTaken: true },
  legacyDirs: [legacyDir],
  isDryRun: false,
  spare: [],
});

/** Everything below `dir`; lengths, since the files are holes. */
function measure(dir: string): Amount {
  const amount = { entries: 0, bytes: 0 };
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    const below = entry.isDirectory() ? measure(path) : { entries: 0, bytes: lstatSync(path).size };
    amount.entries += 1 + below.entries;
    amount.bytes += below.bytes;
  }
  return amount;
}

const sum = (list: readonly { entries: number }[]): number =>
  list.reduce((total, { entries }) => total + entries, 0);
