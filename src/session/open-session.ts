// Opens a session and hands out its handle. This file is the story of a session's life; the steps are elsewhere.

import type { BackendProfile } from '../backends/profile.js';
import { profileFor } from '../backends/profiles.js';
import { lookSync, type Release, type ReleaseOptions, release } from '../end/release.js';
import { QwRunError } from '../errors.js';
import type { Lease } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { ownOwner } from '../lease/owner.js';
import { identify, isAlive, type ProcessIdentity } from '../process/identity.js';
import { tmpDir } from '../root/layout.js';
import { withUsableRoot } from '../root/roots.js';
import { createSession } from './create.js';
import { sessionEnv } from './env.js';
import { keepAlive } from './keep-alive.js';
import { coverExit } from './last-resort.js';
import { isStillThere, lingerUntilRemoved } from './linger.js';
import { tellSessionEnd } from './session-ends.js';
import { type OpenSessionOptions, resolveSettings, type Settings } from './settings.js';
import { watched } from './watched.js';

/** How a session ended. */
export interface EndReport extends Release {
  id: string;
  tmpdir: string;
}

export interface EndOptions {
  /** Leave the directory; only `qw-tmp rm` removes it then. */
  keep?: boolean;
  /** Aborted: SIGKILL now instead of after the grace period. */
  hurry?: AbortSignal;
}

/** One session: a TMPDIR of its own, for whatever spawns the agent. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  readonly root: string;
  /** The directory that holds lease and TMPDIR. */
  readonly dir: string;
  readonly tmpdir: string;
  readonly backend: string;
  /** Between SIGTERM and SIGKILL, in ms. */
  readonly graceMs: number;
  /** A copy of `base` with ours set and the harmful ones removed. */
  env(base?: NodeJS.ProcessEnv): Record<string, string>;
  /** Arguments as the backend's profile wants them. */
  args(command: string, args: readonly string[]): string[];
  /**
   * Names the agent's process in the lease.
   * @throws QwRunError `ERR_QW_NO_PROCESS` for what cannot be a pid, `ERR_QW_SESSION_ENDED`
   */
  adopt(pid: number): void;
  /** Says in the lease that the end has begun: should we die now, the watchdog ends the processes too. */
  beginEnd(): void;
  /** Ends what is left, removes TMPDIR. Never rejects for what it finds; twice is the same promise. */
  end(options?: EndOptions): Promise<EndReport>;
}

/**
 * Opens a session under the first usable managed root.
 * @throws QwRunError `ERR_QW_USAGE`, `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`, `ERR_QW_NO_ROOT`
 */
export async function openSession(options: OpenSessionOptions = {}): Promise<Session> {
  const settings = resolveSettings(options);
  const profile = profileFor(settings.backend, settings.command);
  return watched(settings.watchdog, (announce) =>
    withUsableRoot(settings.env, settings.root, async (root) => {
      const { dir, lease } = await createSession(root, announce, (id) => newLease(id, settings, profile));
      return handle({ root, dir, lease, settings, profile });
    }),
  );
}

interface Parts {
  root: string;
  dir: string;
  lease: Lease;
  settings: Settings;
  profile: BackendProfile;
}

function handle({
  root,
  dir,
  lease: firstLease,
  settings,
  profile,
}: Parts): Session & { onGone(callback: () => void): void } {
  let lease = firstLease;
  let agent: ProcessIdentity | undefined;
  let known: ProcessIdentity[] = [];
  let ended: Promise<EndReport> | undefined;
  let tellGone = () => {};
  const { id } = lease;
  const tmpdir = tmpDir(dir);
  const update = (changes: Partial<Lease>) => {
    lease = { ...lease, ...changes };
    rewrite(dir, lease);
  };
  const { graceMs, spare, maxAgeMs } = settings;
  const facts = (): ReleaseOptions => ({
    root,
    dir,
    lease,
    agent,
    owner: process.pid,
    known,
    graceMs,
    spare,
    maxAgeMs,
    lastSeenAt: Date.now(),
  });
  const beginEnd = () => {
    if (lease.ending) return;
    update({ ending: new Date().toISOString() });
    // Before anybody dies: descent can only be seen while the parents live.
    if (agent && isAlive(agent)) known = lookSync(facts()).members;
  };
  const stopKeeping = keepAlive({ root, dir, lease: () => lease, isWanted: () => !agent || isAlive(agent) });
  const uncover = coverExit({ beginEnd, facts });
  const finish = async ({ keep = false, hurry }: EndOptions): Promise<EndReport> => {
    stopKeeping();
    beginEnd();
    const result = await release({ ...facts(), keep, hurry });
    uncover();
    if (isStillThere(result, dir)) lingerUntilRemoved(facts, tellGone);
    else tellGone();
    tellSessionEnd(profile.name);
    return { id, tmpdir, ...result };
  };
  const session = {
    id,
    root,
    dir,
    tmpdir,
    backend: profile.name,
    graceMs,
    env: (base: NodeJS.ProcessEnv = process.env) => sessionEnv(base, { id, root, tmpdir }, profile),
    args: (_command: string, args: readonly string[]) => profile.args(args),
    adopt: (pid: number) => {
      if (ended)
        throw new QwRunError(
          'ERR_QW_SESSION_ENDED',
          `session ${id} has ended; open a new one for process ${pid}`,
        );
      checkPid(pid);
      agent = identify(pid);
      if (agent) update({ agent });
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

function newLease(
  id: string,
  { label, command, cwd, survivors, spare, env }: Settings,
  profile: BackendProfile,
): Lease {
  return {
    version: 1,
    id,
    ...(label === undefined ? {} : { label }),
    backend: profile.name,
    command,
    cwd,
    createdAt: new Date().toISOString(),
    owner: ownOwner(),
    ...(env['QW_SESSION'] ? { parent: env['QW_SESSION'] } : {}),
    ...(survivors === 'keep' ? { survivors } : {}),
    ...(spare.length > 0 ? { spare } : {}),
  };
}

/** The session goes on without its newest lease when the disk is full: what it says is still in our memory. */
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
