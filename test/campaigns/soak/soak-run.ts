// Days of a server and of wrappers around it in minutes: real processes, in a time that goes faster (`fast-clock.cjs`). Each seat has
// one session after the other, so that their number stays the same, and whatever grows is a leak.
import { type Dirent, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Running, start } from '../../helpers/cli.js';
import { qwRun, repoRoot } from '../../helpers/paths.js';
import { isAlive, kill } from '../../helpers/processes.js';
import { preload } from '../../helpers/quoted.js';
import { HOUR, ids, reapOnce } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { seeded } from '../../helpers/seeded.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { accounts, type Opened } from '../stress/accounts.js';
import type { Sample } from './flat.js';

export interface SoakOptions {
  /** Of the clock of our own, and the real time they take. */
  days: number;
  realMs: number;
  seed: number;
}

export interface Tally {
  sessionsOfServer: number;
  wrappersStarted: number;
  wrappersKilled: number;
  wrappersToldToEnd: number;
  passes: number;
  removedByPasses: number;
  staleSwept: number;
  /** Of which the log tells once that they were removed. */
  sessionsAccounted: number;
}

export interface Soak {
  samples: Sample[];
  tally: Tally;
  /** What was lost, failed or left, in words; empty as it has to be. */
  complaints: string[];
}

interface Seat {
  flags?: string[];
  /** Of the agent, from and to. */
  hours: [number, number];
  /** Comes over the wrapper at some time of its life. */
  blow?: 'SIGKILL' | 'SIGTERM';
  isNested?: boolean;
  /** The agent leaves a process for so many hours; `--survivors end` does not wait for it. */
  leavesForHours?: number;
}

const SEATS: readonly Seat[] = [
  { hours: [4, 20] },
  { hours: [4, 20], blow: 'SIGTERM' },
  { hours: [4, 20], blow: 'SIGKILL' },
  { hours: [4, 20], blow: 'SIGKILL', flags: ['--no-watchdog'] },
  { hours: [4, 20], blow: 'SIGKILL', isNested: true },
  { hours: [4, 20], isNested: true },
  { hours: [4, 20], leavesForHours: 1_000 },
  { hours: [4, 20], leavesForHours: 6, flags: ['--survivors', 'keep'] },
  { hours: [90, 120] },
  { hours: [90, 120], blow: 'SIGKILL' },
];
const SAMPLE_HOURS = 2;
const path = (name: string): string => join(repoRoot, 'test/campaigns/soak', name);

export async function soak(here: Scene, { days, realMs, seed }: SoakOptions): Promise<Soak> {
  const random = seeded(seed);
  const speed = (days * 24 * HOUR) / realMs;
  const since = Date.now();
  const results = join(here.box.cwd, 'results');
  const env: NodeJS.ProcessEnv = {
    ...here.options.env,
    ...preload(path('fast-clock.cjs')),
    FAST_CLOCK: JSON.stringify({ since, speed }),
  };
  delete env['QW_REAP']; // every wrapper passes, as it does for users
  const options = { ...here.options, env };
  const hours = () => ((Date.now() - since) * speed) / HOUR;
  const server = start(path('server.mjs'), [path('agent.mjs'), results], {
    ...options,
    cwd: here.box.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await server.says('ready');
  const tally = { wrappersStarted: 0, wrappersKilled: 0, wrappersToldToEnd: 0 };
  const until = Date.now() + realMs; // it may have taken long to start
  const isOver = () => Date.now() >= until;
  const killed = new Set<number>();
  const realOf = (some: number) => (some * HOUR) / speed;

  const occupy = async ({ flags = [], hours: [from, to], blow, isNested, leavesForHours = 0 }: Seat) => {
    while (!isOver()) {
      const life = from + random() * (to - from);
      const sleeps = Math.ceil(realOf(leavesForHours) / 1_000);
      const agent = [process.execPath, path('agent.mjs'), `${life}`, results, `${sleeps}`];
      const inner = isNested ? [process.execPath, qwRun, '--', ...agent] : agent;
      const args = [...flags, '--backend', 'claude', '--', ...inner];
      const endsAt = Date.now() + realOf(life);
      const wrapper = start(qwRun, args, { ...options, stdio: 'ignore' });
      tally.wrappersStarted += 1;
      // Now and then while it starts.
      const blowMs = random() < 0.2 ? random() * 300 : random() * realOf(life);
      const hasEnded = await Promise.race([
        wrapper.done.then(() => true),
        pause(blow ? blowMs : 2 ** 30, false, { ref: false }),
      ]);
      if (!hasEnded && blow && isAlive(wrapper.pid)) {
        kill(wrapper.pid, blow);
        if (blow === 'SIGKILL') killed.add(wrapper.pid);
        tally[blow === 'SIGKILL' ? 'wrappersKilled' : 'wrappersToldToEnd'] += 1;
      }
      await wrapper.done;
      // Its agent lives on, and takes this seat as long.
      if (blow === 'SIGKILL') await pause(Math.max(0, Math.min(endsAt, until) - Date.now()));
    }
  };
  const samples: Sample[] = [];
  const sampling = async () => {
    while (!isOver()) {
      await pause(realOf(SAMPLE_HOURS));
      samples.push({ hour: hours(), ...look(here, server.pid) });
    }
  };
  await Promise.all([...SEATS.map(occupy), sampling()]);
  const { told, complaints } = await finish(here, server, { hours: hours(), killed });
  return { samples, tally: { ...tally, ...told }, complaints };
}

/** How things stand just now. */
function look(here: Scene, server: number): Omit<Sample, 'hour'> {
  const { root, env } = here.box;
  return {
    rss: 4_096 * Number(readFileSync(`/proc/${server}/statm`, 'utf8').split(' ')[1]),
    descriptors: readdirSync(`/proc/${server}/fd`).length,
    watchdogs: here.processes().filter(isWatchdog).length,
    sessions: ids(here.box).length,
    trash: entries(join(root, '.trash'), false),
    entries: entries(root, true),
    state: entries(env['XDG_STATE_HOME'] ?? '', true),
  };
}

function isWatchdog(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/qw-watchdog.sh\0');
  } catch {
    return false;
  }
}

/** Everything below, as far as it stays there while we look. */
function entries(dir: string, isDeep: boolean): number {
  let names: Dirent[] = [];
  try {
    names = readdirSync(dir, { withFileTypes: true });
  } catch {
    // gone, or not there yet
  }
  const below = isDeep ? names.filter((entry) => entry.isDirectory()) : [];
  return names.length + sum(below.map(({ name }) => entries(join(dir, name), true)));
}

interface Told {
  pass?: { removed: number; swept: number; failed: string[] };
  warning?: string;
  ended?: string;
  id?: string;
}

/** All end; then nothing is left, but what was killed before it had a lease: that goes at max age. */
async function finish(
  here: Scene,
  server: Running,
  { hours, killed }: { hours: number; killed: ReadonlySet<number> },
) {
  writeFileSync(join(here.box.cwd, 'stop'), '');
  server.child.stdin?.end();
  const ended = await server.done;
  const complaints = ended.code === 0 && ended.stderr === '' ? [] : [`server: ${ended.code} ${ended.stderr}`];
  const gone = { timeoutMs: 60_000, everyMs: 100 };
  await waitUntil('all processes have ended', () => here.processes().length === 0, gone).catch(() => {});
  const last = await reapOnce(here, ['--orphans', 'end'], { laterMs: (hours + 80) * HOUR });
  const lines = ended.stdout.trimEnd().split('\n').slice(1);
  const results = join(here.box.cwd, 'results');
  const text = existsSync(results) ? readFileSync(results, 'utf8') : '';
  const { accounted, unaccounted, toldTwice } = await accounts(here).settle(openedIn(text, killed));
  const told = lines.map((line) => JSON.parse(line) as Told);
  const passes = told.flatMap(({ pass }) => pass ?? []);
  complaints.push(
    ...passes.flatMap(({ failed }) => failed),
    ...last.report.failed.map(({ path: failed, reason }) => `${failed}: ${reason}`),
    ...told.flatMap(
      ({ warning, ended: state }) => warning ?? (state && state !== 'removed' ? `ended: ${state}` : []),
    ),
    ...here.box.left().map((name) => `left: ${name}`),
    ...here.processes().map((pid) => `process left: ${pid}`),
    ...(text === '' ? ['no agent ended'] : text.split('\n').filter((line) => line.startsWith('lost'))),
    ...unaccounted.map((id) => `no receipt says that ${id} was removed`),
    ...toldTwice.map((one) => `more than one receipt of ${one}`),
  );
  return {
    complaints,
    told: {
      sessionsOfServer: told.filter(({ ended: state }) => state).length,
      sessionsAccounted: accounted,
      passes: passes.length,
      removedByPasses: sum(passes.map(({ removed }) => removed)),
      staleSwept: sum(passes.map(({ swept }) => swept)),
    },
  };
}

const openedIn = (results: string, killed: ReadonlySet<number>): Opened[] =>
  [...results.matchAll(/^opened (\S+) (\d+)$/gm)].map(([, id = '', wrapper]) => ({
    id,
    isKilled: killed.has(Number(wrapper)),
  }));

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
