// Many sessions at once whose wrappers are SIGKILLed at random while their agents live on, forged leases that look like
// reused pids, and three reapers that never rest. What has to be true at the end is in the tally.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../helpers/cli.js';
import { makeRoot } from '../helpers/make-root.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { deadOwner, forge, HOUR, identityOf, killed, leaseOf, realm, reapOnce } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { seeded } from '../helpers/seeded.js';
import { waitUntil } from '../helpers/wait-until.js';

export interface StormOptions {
  ms: number;
  /** Sessions at any time. */
  sessions: number;
  seed: number;
  /** Longest life of an agent. */
  lifeMs: number;
}

export interface Tally {
  sessionsStarted: number;
  wrappersKilled: number;
  /** Sessions with a lease that names a living process of somebody else by a wrong start time. */
  leasesForged: number;
  reaps: number;
  /** Sessions removed by the reapers; the rest went with their wrapper or watchdog. */
  reaped: number;
  agentsStarted: number;
  filesVerified: number;
  filesLost: number;
  /** Agents that ended without a word, and other programs that ended at all. */
  processesLost: number;
  /** What a reaper could not do, and sessions that two of them removed. */
  reapersFailed: number;
  /** Made by a wrapper that was killed before its lease: by contract they go at max age, and a pass 80 h later proved it. */
  directoriesWithoutLease: number;
  directoriesLeft: number;
  /** What was lost, failed or left, in words. */
  complaints: string[];
}

const REAPERS = 3;

export async function storm(scene: Scene, { ms, sessions, seed, lifeMs }: StormOptions): Promise<Tally> {
  const random = seeded(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  const results = join(scene.box.cwd, 'results');
  const until = performance.now() + ms;
  const tally = emptyTally();
  // On a slow machine it takes longer until there was a storm at all.
  const isOver = () => performance.now() >= until && tally.wrappersKilled > 0 && tally.reaped > 0;
  makeRoot(scene.box.root);
  const bystanders = Array.from({ length: 4 }, () => spawnBystander(scene));
  const seen = new Set<string>();

  /** One session after another, until time is up. */
  const seat = async () => {
    await pause(between(0, Math.min(lifeMs, ms / 4)));
    while (!isOver()) {
      const life = between(200, lifeMs);
      const flags = random() < 0.4 ? ['--no-watchdog'] : [];
      const agent = [process.execPath, fixture('verify-own-files.mjs'), results, String(life)];
      const wrapper = start(qwRun, [...flags, '--', ...agent], { ...scene.options, stdio: 'ignore' });
      tally.sessionsStarted += 1;
      // Some while it starts, some around the agent's end, some never.
      const killAfter = random() < 0.7 ? between(0, random() < 0.3 ? 200 : life + 300) : Infinity;
      const isEnded = Symbol();
      const first = await Promise.race([
        wrapper.done.then(() => isEnded),
        killAfter === Infinity ? wrapper.done : pause(killAfter),
      ]);
      if (first !== isEnded && isAlive(wrapper.pid)) {
        kill(wrapper.pid, 'SIGKILL');
        tally.wrappersKilled += 1;
      }
      await wrapper.done;
      // The agent lives on without it, and this seat is taken as long.
      if (first !== isEnded) await pause(Math.min(life - killAfter, until - performance.now()));
    }
  };

  const reaper = async () => {
    while (!isOver()) {
      await reapAndCheck(scene, tally, seen);
      await pause(between(0, 200));
    }
  };

  const forger = async () => {
    while (!isOver()) {
      forgeReuse(scene, bystanders[between(0, bystanders.length)] as ChildProcess, random);
      tally.leasesForged += 1;
      await pause(between(50, 500));
    }
  };

  const times = (length: number, work: () => Promise<void>) => Array.from({ length }, work);
  await Promise.all([...times(sessions, seat), ...times(REAPERS, reaper), forger()]);
  const strangers = bystanders.map(({ pid }) => pid as number);
  const areAgentsGone = () => scene.processes().every((pid) => strangers.includes(pid));
  await waitUntil('all agents have ended', areAgentsGone, { timeoutMs: lifeMs + 60_000, everyMs: 200 });

  await reapAndCheck(scene, tally, seen);
  await settle(scene, tally, seen);
  countResults(readFileSync(results, 'utf8'), tally);
  for (const pid of strangers) {
    if (!isAlive(pid)) complain(tally, 'processesLost', `bystander ${pid} was ended`);
    await killed(pid);
  }
  return tally;
}

async function reapAndCheck(scene: Scene, tally: Tally, seen: Set<string>, laterMs = 0): Promise<void> {
  const { report, code, stderr } = await reapOnce(scene, ['--root', scene.box.root], { laterMs });
  tally.reaps += 1;
  for (const { path, reason } of report.failed)
    complain(tally, 'reapersFailed', `a reaper failed: ${path}: ${reason}`);
  if (code !== 0 && report.failed.length === 0)
    complain(tally, 'reapersFailed', `a reaper ended with ${code}: ${stderr}`);
  for (const { id } of report.removed) {
    if (seen.has(id)) complain(tally, 'reapersFailed', `two reapers removed ${id}`);
    seen.add(id);
    tally.reaped += 1;
  }
}

/** After the final pass nothing may be left but what a remover still has in hand and what has no lease yet. */
async function settle(scene: Scene, tally: Tally, seen: Set<string>): Promise<void> {
  const inTrash = () => scene.box.left().filter((name) => name.startsWith('.trash/'));
  await waitUntil('the removers have finished', () => inTrash().length === 0).catch(() => {});
  const hasLease = (id: string) => readdirSync(join(scene.box.root, id)).includes('lease.json');
  const left = scene.box.left().filter((name) => name.startsWith('.trash/') || hasLease(name));
  tally.directoriesWithoutLease = scene.box.left().length - left.length;
  if (tally.directoriesWithoutLease > 0) await reapAndCheck(scene, tally, seen, 80 * HOUR);
  for (const name of new Set([...left, ...scene.box.left()]))
    complain(tally, 'directoriesLeft', `left: ${name}`);
}

/** A dead session whose lease says the pid of a living stranger, as owner or as agent, who started at another time. */
function forgeReuse({ box }: Scene, bystander: ChildProcess, random: () => number): void {
  const { pid, startTime } = identityOf(bystander.pid as number);
  const reused = { pid, startTime: startTime - 1 - Math.floor(random() * 1_000) };
  const id = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, '0');
  const lease =
    random() < 0.5
      ? leaseOf(id, { owner: { ...reused, ...realm(), uid: process.getuid?.() ?? 0 } })
      : leaseOf(id, { owner: deadOwner(), agent: reused });
  // Into place in one step: a reaper must not take it half made, or the other half would come after.
  const workshop = { ...box, root: join(box.dir, 'workshop') };
  renameSync(forge(workshop, id, { lease, files: ['a', 'b/c'] }).dir, join(box.root, id));
}

const spawnBystander = ({ options }: Scene): ChildProcess =>
  spawn('sleep', ['100000'], { ...options, cwd: '/', detached: true, stdio: 'ignore' });

function countResults(text: string, tally: Tally): void {
  const silent = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const [word = '', pid = '', count] = line.split(' ');
    if (word === 'started') silent.add(`${pid}`);
    else silent.delete(pid);
    if (word === 'started') tally.agentsStarted += 1;
    if (word === 'verified') tally.filesVerified += Number(count);
    if (word === 'lost') complain(tally, 'filesLost', line);
  }
  for (const pid of silent) complain(tally, 'processesLost', `agent ${pid} ended without a word`);
}

function complain(
  tally: Tally,
  what: 'filesLost' | 'processesLost' | 'reapersFailed' | 'directoriesLeft',
  text: string,
): void {
  tally[what] += 1;
  tally.complaints.push(text);
}

const emptyTally = (): Tally => ({
  sessionsStarted: 0,
  wrappersKilled: 0,
  leasesForged: 0,
  reaps: 0,
  reaped: 0,
  agentsStarted: 0,
  filesVerified: 0,
  filesLost: 0,
  processesLost: 0,
  reapersFailed: 0,
  directoriesWithoutLease: 0,
  directoriesLeft: 0,
  complaints: [],
});
