// Many sessions at once whose wrappers are SIGKILLed at random while their agents live on, with managers, guests, helpers
// and daemons of their own among the agents, forged leases that look like reused pids, and three reapers that never rest.
// What has to be true at the end is in the tally.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeRoot } from '../../helpers/make-root.js';
import { isAlive } from '../../helpers/processes.js';
import { killed } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { seeded } from '../../helpers/seeded.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { type Account, accounts, type Opened } from './accounts.js';
import { type Companion, type Company, company } from './company.js';
import { forgeReuse } from './forge-reuse.js';
import { deal } from './kinds.js';
import { type Passes, passes } from './passes.js';
import { sit } from './seat.js';
import { someTmpdir, spawnStranger } from './strangers.js';
import { complain, complainOfUnseen, emptyTally, PROOFS, type Tally } from './tally.js';

export interface StormOptions {
  ms: number;
  /** Sessions at any time. */
  sessions: number;
  seed: number;
  /** Longest life of an agent. */
  lifeMs: number;
}

const REAPERS = 3;
/** On a slow machine it takes longer until there was a storm at all, but not for ever. */
const LONGEST_WAIT_MS = 300_000;

export async function storm(scene: Scene, { ms, sessions, seed, lifeMs }: StormOptions): Promise<Tally> {
  const random = seeded(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  const results = join(scene.box.cwd, 'results');
  const until = performance.now() + ms;
  const tally = emptyTally();
  makeRoot(scene.box.root);
  const bystanders = Array.from({ length: 4 }, () => spawnBystander(scene));
  const companions = company(scene, tally);
  const { reap, settle, removed } = passes(scene, tally);
  const log = accounts(scene);
  const dealt = deal(random);
  const isProven = () => PROOFS.every((count) => tally[count] > 0 || /^(agents|files|accounted)/.test(count));
  const isOver = () =>
    performance.now() >= until &&
    ((isProven() && companions.isComplete()) || performance.now() >= until + LONGEST_WAIT_MS);

  const again = async (leastMs: number, mostMs: number, work: () => unknown) => {
    while (!isOver()) {
      await work();
      await pause(between(leastMs, mostMs));
    }
  };
  const next = () => dealt.next().value;
  const seat = async () => {
    await pause(between(0, Math.min(lifeMs, ms / 4)));
    await again(0, 1, () => sit({ scene, tally, company: companions, results, random, next, lifeMs, until }));
  };
  const forger = () => {
    forgeReuse(scene, bystanders[between(0, bystanders.length)] as ChildProcess, random);
    tally.leasesForged += 1;
  };
  const visitor = () => {
    const tmpdir = someTmpdir(scene, companions, random);
    if (tmpdir) spawnStranger(scene, companions, 'stranger-inside', tmpdir);
  };
  const times = (length: number, work: () => Promise<void>) => Array.from({ length }, work);
  for (const kind of ['stranger-tmux', 'stranger-watchman'] as const) spawnStranger(scene, companions, kind);
  await Promise.all([
    ...times(sessions, seat),
    ...times(REAPERS, () => again(0, 200, () => reap())),
    again(50, 500, forger),
    again(300, 1_500, visitor),
    again(100, 200, releaser(companions, between)),
    again(500, 1_000, log.read),
  ]);

  const strangers = bystanders.map(({ pid }) => pid as number);
  const areAgentsGone = () => {
    companions.read();
    const known = [...strangers, ...companions.all.map(({ pid }) => pid)];
    return scene.processes().every((pid) => known.includes(pid));
  };
  await waitUntil('all agents have ended', areAgentsGone, { timeoutMs: lifeMs + 60_000, everyMs: 200 });
  await comeToRest(companions, { reap, settle });
  complainOfUnseen(tally);
  const told = readFileSync(results, 'utf8');
  countResults(told, tally);
  countAccounts(await log.settle(openedIn(told, removed, companions)), tally);
  for (const pid of strangers) {
    if (!isAlive(pid)) complain(tally, 'strangersEnded', `bystander ${pid} was ended`);
    await killed(pid);
  }
  return tally;
}

/** Lets go, one by one, of those that nothing else may end: mostly some time after their session's end. */
function releaser(companions: Company, between: (low: number, high: number) => number): () => void {
  const due = new Map<Companion, number>();
  return () => {
    companions.read();
    for (const one of companions.lasting('manager', 'helper', 'guest', 'stranger')) {
      if (/^stranger-[tw]/.test(one.kind)) continue; // from beginning to end
      const agent = companions.agents.get(one.session);
      const isEarly = !agent || (one.pid % 8 !== 0 && isAlive(agent.pid));
      if (isEarly) due.delete(one);
      else if (!due.has(one)) due.set(one, performance.now() + between(200, 6_000));
      else if ((due.get(one) ?? 0) < performance.now()) companions.letGo(one);
    }
  };
}

/** All sessions are over, and nobody has let go of what is still there. First go those for whom a TMPDIR has to stay. */
async function comeToRest(companions: Company, { reap, settle }: Omit<Passes, 'removed'>): Promise<void> {
  const areGone = async () => {
    await reap(['--orphans', 'end']);
    return companions.privateLeft().length === 0;
  };
  await reap(['--orphans', 'end']);
  for (const one of companions.lasting('manager', 'stranger')) companions.letGo(one);
  await waitUntil('private ones are gone', areGone, { everyMs: 500 }).catch(() => {});
  await settle();
  for (const one of companions.lasting('helper', 'guest')) companions.letGo(one);
  companions.close();
}

/** The sessions whose agents began, and all that a reaper removed. */
function openedIn(text: string, removed: ReadonlySet<string>, { fates }: Company): Opened[] {
  const opened = new Map([...removed].map((id): [string, Opened] => [id, { id, isKilled: false }]));
  for (const [, id = '', wrapper] of text.matchAll(/^started \d+ (\S+) (\d+)$/gm))
    opened.set(id, { id, isKilled: !removed.has(id) && fates.get(Number(wrapper)) === 'killed' });
  return [...opened.values()];
}

function countAccounts({ accounted, killedOverIt, unaccounted, toldTwice }: Account, tally: Tally): void {
  Object.assign(tally, { accounted, killedOverIt });
  for (const id of unaccounted) complain(tally, 'unaccounted', `no receipt says that ${id} was removed`);
  for (const text of toldTwice) complain(tally, 'toldTwice', `more than one receipt of ${text}`);
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
