// The handle of one session: what it knows (its lease, its agent) and the story of its end. The steps are
// elsewhere.
import { resolve } from 'node:path';
import type { BackendProfile } from '../backends/profile.js';
import { membersNow } from '../end/descent.js';
import { release } from '../end/release.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { QwRunError } from '../errors.js';
import { quietly } from '../fs.js';
import { isolated } from '../isolate/isolate.js';
import type { Lease } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { clockOf, hereAs } from '../lease/owner.js';
import { isAlive, type ProcessIdentity, readStat } from '../process/identity.js';
import { tmpDir } from '../root/layout.js';
import { largest } from '../tree/largest.js';
import { agentStart } from './agent-start.js';
import { sessionEnv } from './env.js';
import { keepAlive } from './keep-alive.js';
import { coverExit } from './last-resort.js';
import { isStillThere, lingerUntilRemoved } from './linger.js';
import { watchPressure } from './pressure.js';
import { removeLater } from './remove-later.js';
import type { EndOptions, EndReport, Session } from './session.js';
import { noteChange, tellSessionEnd } from './session-ends.js';
import type { Settings } from './settings.js';

export interface Parts {
  root: string;
  dir: string;
  lease: Lease;
  settings: Settings;
  profile: BackendProfile;
  /** What is known already that the agent's user should know. */
  warnings: readonly string[];
}

export interface OpenedSession extends Session {
  /** The mounts that were asked for, if any, are made. */
  isolated(): Promise<void>;
  onGone(callback: () => void): void;
}

/** Everything of a session that is open: kept alive from here until `end()`. */
export function handle({ root, dir, lease: firstLease, settings, profile, warnings }: Parts): OpenedSession {
  let lease = firstLease;
  let agent: ProcessIdentity | undefined;
  let known: ProcessIdentity[] = [];
  let ended: Promise<EndReport> | undefined;
  let tellGone = () => {};
  const { id } = lease;
  const tmpdir = tmpDir(dir);
  const update = (changes: Partial<Lease>) => {
    noteChange();
    lease = { ...lease, ...changes };
    rewrite(dir, lease);
  };
  /** Whether TMPDIR is to stay: known to whoever ends the session instead of us. */
  const decide = (keep: boolean) => {
    const { keep: before = false, ...rest } = lease;
    if (keep === before) return;
    inside?.stay(keep);
    lease = keep ? { ...rest, keep } : rest;
    rewrite(dir, lease);
  };
  const { graceMs, spare, maxAgeMs, isolation, cwd } = settings;
  const inside = isolation && isolated({ ...settings, isolation, root, dir });
  const facts = (): ReleaseOptions => ({
    root,
    dir,
    lease,
    agent,
    owner: process.pid,
    exempt: inside?.holder()?.pid,
    copyOut: inside?.copyOut,
    contents: inside?.contents(),
    work: settings.work,
    known,
    graceMs,
    spare,
    maxAgeMs,
    lastSeenAt: Date.now(),
    clock: clockOf(lease, hereAs(lease.owner, lease.owner.startTime)),
    keep: lease.keep === true,
    handOver: settings.wait ? undefined : removeLater,
  });
  const sayEnding = () => {
    if (!lease.ending) update({ ending: new Date().toISOString() });
  };
  const beginEnd = () => {
    if (lease.ending) return;
    sayEnding();
    // Before anybody dies: descent can only be seen while the parents live.
    known = quietly(() => (agent && isAlive(agent) ? membersNow(facts()) : known)) ?? known;
  };
  const stopKeeping = keepAlive({ root, dir, lease: () => lease, isWanted: () => !agent || isAlive(agent) });
  const pressure = watchPressure(() => (inside ? inside.contents() : dir), inside?.sizeBytes);
  noteChange();
  const uncover = coverExit({ sayEnding, facts, isWatched: settings.watchdog });
  const finish = async ({
    keep = settings.keep,
    hurry,
    measure = settings.wait,
  }: EndOptions): Promise<EndReport> => {
    stopKeeping();
    pressure.stop();
    const lastPressure = pressure.look(); // before anything is freed
    decide(Boolean(keep));
    beginEnd();
    const most = measure || lastPressure ? await largest(inside?.contents() ?? tmpdir) : [];
    const result = await release({ ...facts(), hurry });
    uncover();
    await inside?.dismiss();
    if (isStillThere(result, dir)) lingerUntilRemoved(facts, tellGone);
    else tellGone();
    tellSessionEnd(profile.name);
    return { id, tmpdir, ...(lastPressure ? { lastPressure } : {}), largest: most, ...result };
  };
  const seen = { root: inside?.root ?? root, tmpdir: inside?.tmpdir ?? tmpdir };
  const keepIn = inside?.marker ?? { dir, seenAs: dir };
  const start = agentStart({ ...seen, keep: keepIn, profile, settings, known: warnings });
  const session = {
    id,
    root,
    dir,
    tmpdir,
    backend: profile.name,
    graceMs,
    warnings: start.warnings,
    get lastPressure() {
      return pressure.found();
    },
    env: (base: NodeJS.ProcessEnv = process.env) => sessionEnv(base, { id, ...seen }, start.env()),
    args: (command: string, args: readonly string[]) => {
      // Its environment says /tmp for TMPDIR, or a directory that is empty out here.
      if (inside)
        throw new QwRunError('ERR_QW_ISOLATION', `session ${id} is isolated: spawn what command() gives`);
      return start.args(command, args);
    },
    command: (command: string, args: readonly string[] = [], options: { cwd?: string | undefined } = {}) => {
      const wanted = start.args(command, args);
      return inside?.command(resolve(options.cwd ?? cwd), command, wanted) ?? { file: command, args: wanted };
    },
    isolated: async () => {
      if (!inside) return;
      await inside.ready;
      const { mode, sizeBytes } = inside;
      const size = sizeBytes === undefined ? {} : { sizeBytes };
      const { pid = 0, startTime = 0 } = inside.holder() ?? {};
      update({ isolate: { mode, ...size, holder: pid, holderStartTime: startTime } });
    },
    adopt: (pid: number) => {
      if (ended)
        throw new QwRunError(
          'ERR_QW_SESSION_ENDED',
          `session ${id} has ended; open a new one for process ${pid}`,
        );
      checkPid(pid);
      // A zombie has its identity still: the spawner has not collected it yet.
      // Out of descriptors procfs cannot be read: for the spawner no reason to lose its agent.
      const stat = quietly(() => readStat(pid)); // unnamed, it is still found by its TMPDIR
      if (!stat) return;
      agent = { pid, startTime: stat.startTime };
      update({ agent });
    },
    beginEnd,
    end: (endOptions: EndOptions = {}) => {
      ended ??= finish(endOptions);
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      await session.end();
    },
    onGone: (callback: () => void) => {
      tellGone = callback;
    },
  };
  return session;
}

/**
 * The session goes on without its newest lease when the disk is full: what it says is still in our memory.
 */
function rewrite(dir: string, lease: Lease): void {
  try {
    writeLease(dir, lease);
  } catch {
    // The old lease stays in place, and it names us as the owner.
  }
}

function checkPid(pid: number): void {
  if (Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid) return;
  throw new QwRunError('ERR_QW_NO_PROCESS', `adopt() needs the pid of the agent's process, not ${pid}`);
}
