// Choosing a root to open a session in, and finding all roots that may hold sessions.
import { basename, dirname, isAbsolute, join } from 'node:path';
import { type Failure, misuse, QwRunError, unlessItFails } from '../errors.js';
import { fs } from '../fs.js';
import { checkRoot, considerRoot, prepareRoot } from './guard.js';
import { leaseFile, SESSION_ID } from './layout.js';
import { namedRoot, type RootCandidate, rootCandidates } from './locate.js';
import { hasUserQuota, isInMemory, isNoexec, type Mount, readMounts } from './mounts.js';
import { muteOn, unseen } from './mute.js';
import { mountFor } from './nearest-existing.js';
import { type PassedOver, placementWarnings } from './placement.js';
import { registeredRoots, registerRoot } from './registry.js';
import { ownUid } from './trusted.js';

/** Candidates for `env`, best first. `named` is a flag or option; `QW_ROOT` counts where the user set it. */
export function candidateRoots(env: NodeJS.ProcessEnv, named: string | undefined): RootCandidate[] {
  refuseEmpty(named);
  const mounts = readMounts();
  return rootCandidates({
    explicit: named ?? namedRoot(env),
    env,
    uid: ownUid(),
    platform: process.platform,
    insideSession: isInsideSession(env['TMPDIR'], mounts),
    hasUserQuota: (path) => hasUserQuota(mountFor(path, mounts)),
    isNoexec: (path) => isNoexec(mountFor(path, mounts)),
  });
}

/** What has to be asked whether it answers before a root is chosen. */
export function pathsToOpen(env: NodeJS.ProcessEnv, named: string | undefined): string[] {
  const explicit = named ?? namedRoot(env);
  return explicit === undefined ? placesOf(env) : [explicit];
}

/** What has to be asked before all roots are looked at, registered ones too. */
export function pathsAsked(env: NodeJS.ProcessEnv, named: string | undefined): string[] {
  const registered = named === undefined ? registeredRoots(env) : [];
  return [named, ...placesOf(env), ...registered].flatMap((path) => (typeof path === 'string' && path) || []);
}

/** Where candidates are. */
function placesOf({ QW_ROOT, TMPDIR }: NodeJS.ProcessEnv): string[] {
  const name = `qw-${ownUid()}`;
  const temporary = [TMPDIR, '/tmp', '/var/tmp'].flatMap((dir) => (dir ? [dir, join(dir, name)] : []));
  return QW_ROOT ? [QW_ROOT, ...temporary] : temporary;
}

/** Those of `pathsAsked` that nobody looks at, each mount once. */
export function unseenRoots(env: NodeJS.ProcessEnv, named: string | undefined): Failure[] {
  const mounts = readMounts();
  const found = new Map<Mount, Failure>();
  for (const path of pathsAsked(env, named).reverse()) {
    const mount = muteOn(path, mounts);
    if (mount && !found.has(mount)) found.set(mount, unseen(path, mount));
  }
  return [...found.values()];
}

/**
 * Gives `use` the first candidate that is safe and short enough; goes on to the next while `use` fails too,
 * since only writing proves that a root can be written (quota, sandbox, read-only file system). `use` hears
 * what the session's user should know of that place. The error for a full one is thrown at once when
 * `isWorthReaping` says so: the caller then makes room and tries again.
 * @throws QwRunError the only candidate's own error, `ERR_QW_NO_SPACE`, or `ERR_QW_NO_ROOT` with every reason
 */
export function withUsableRoot<T>(
  env: NodeJS.ProcessEnv,
  named: string | undefined,
  use: (root: string, warnings: string[]) => T,
  isWorthReaping: (root: string, why: QwRunError) => boolean = () => false,
): T {
  const passedOver: PassedOver[] = [];
  const isMemory = (place: string) => isInMemory(mountFor(place, readMounts()));
  for (const candidate of candidateRoots(env, named)) {
    const { path } = candidate;
    try {
      const root = prepareRoot(path);
      const result = use(root, placementWarnings(candidate, root, passedOver, isMemory));
      if (!isInsideSession(root)) registerRoot(root, env);
      return result;
    } catch (error) {
      if (!(error instanceof QwRunError) || !isAboutRoot(error)) throw error;
      if (error.code === 'ERR_QW_NO_SPACE' && isWorthReaping(error.path ?? path, error)) throw error;
      passedOver.push({ candidate, error });
    }
  }
  const failures = passedOver.map(({ error }) => error);
  if (failures.length === 1) throw failures[0] as QwRunError;
  const reasons = failures.map(({ message }) => message).join('; ');
  throw new QwRunError(
    failures.every(({ code }) => code === 'ERR_QW_NO_SPACE') ? 'ERR_QW_NO_SPACE' : 'ERR_QW_NO_ROOT',
    `no directory for sessions: ${reasons}; name one with --root or QW_ROOT`,
    { cause: failures[0]?.cause },
  );
}

const isAboutRoot = ({ code }: QwRunError): boolean =>
  code === 'ERR_QW_NO_SPACE' || code.startsWith('ERR_QW_ROOT_');

/**
 * Every root that exists and passes the guard: the candidates and the registered ones, or only the one named,
 * which `mayBeMissing`. An empty directory holds no session yet.
 */
export function existingRoots(
  env: NodeJS.ProcessEnv,
  named: string | undefined,
  { mayBeMissing = false } = {},
): string[] {
  refuseEmpty(named);
  if (named !== undefined) {
    const mounts = readMounts();
    if (mayBeMissing && isMissing(named, mounts)) return [];
    return considerRoot(named, mounts).state === 'empty' ? [] : [checkRoot(named, mounts)];
  }
  return safeRoots([...candidateRoots(env, undefined).map(({ path }) => path), ...registeredRoots(env)]);
}

/** Those of `paths` that are roots of ours, each once: what is somebody else's by now stops nobody. */
export function safeRoots(paths: readonly string[]): string[] {
  const mounts = readMounts();
  const there = paths.filter((path) => !isMissing(path, mounts));
  return [...new Set(there.flatMap((path) => unlessItFails(() => checkRoot(path, mounts)) ?? []))];
}

/** Or it is on a mount that does not answer. */
const isMissing = (path: string, mounts: readonly Mount[]): boolean =>
  muteOn(path, mounts) !== undefined || !fs.existsSync(path);

/** An unset variable of a script: it would mean the working directory. */
function refuseEmpty(named: string | undefined): void {
  if (named === '') throw misuse('root must name a directory, not be empty');
}

/** `path` lies in some session's TMPDIR: above it is `<id>/tmp` beside a lease. */
export function isInsideSession(path: string | undefined, mounts?: readonly Mount[]): boolean {
  if (!path || !isAbsolute(path) || muteOn(path, mounts ?? readMounts())) return false;
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const dir = dirname(at);
    if (basename(at) === 'tmp' && SESSION_ID.test(basename(dir)) && fs.existsSync(leaseFile(dir)))
      return true;
  }
  return false;
}
