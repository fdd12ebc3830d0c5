// Which directory may become the managed root, in order of preference. Pure: the facts are passed in.
import { posix, win32 } from 'node:path';

export interface RootQuestion {
  /** Root the user named (flag, option, or `QW_ROOT` outside a session): that one or an error. */
  explicit?: string | undefined;
  env: NodeJS.ProcessEnv;
  uid: number;
  platform: NodeJS.Platform;
  /** `TMPDIR` lies in a session of ours: then it is not a place the user chose. */
  insideSession: boolean;
  /** The candidate would be on a tmpfs with a per-user quota. */
  hasUserQuota(path: string): boolean;
  /** Nothing could be executed in the candidate. */
  isNoexec(path: string): boolean;
}

/** Where a candidate comes from. `named`: flag, option or `QW_ROOT`; `session`: the one we run in. */
export type RootSource = 'named' | 'session' | 'TMPDIR' | '/tmp' | '/var/tmp' | 'LOCALAPPDATA';

export interface RootCandidate {
  path: string;
  source: RootSource;
  /** Why it is considered, and why at this place; shown to people. */
  why: string;
  /** A default on a mount where nothing can be executed. */
  isNoexec?: boolean;
}

/** Candidates, best first. One that was named explicitly stands alone. */
export function rootCandidates(question: RootQuestion): RootCandidate[] {
  const { explicit, env, platform, insideSession } = question;
  if (explicit !== undefined)
    return [{ path: explicit, source: 'named', why: 'named explicitly: this one or an error' }];
  if (platform === 'win32') return [...nestedRoots(env, false), windowsRoot(env)];
  const nested = insideSession || env['QW_SESSION'] ? nestedRoots(env, insideSession) : [];
  return [...nested, ...defaultRoots(question)];
}

/** `QW_ROOT` was set by the user, and not inherited from the session we run in. */
export const namedRoot = (env: NodeJS.ProcessEnv): string | undefined =>
  env['QW_SESSION'] ? undefined : env['QW_ROOT'] || undefined;

/** Beside the outer session; where an agent's sandbox forbids that, inside its TMPDIR. */
function nestedRoots({ QW_ROOT, QW_SESSION, TMPDIR }: NodeJS.ProcessEnv, insideSession: boolean) {
  const roots: RootCandidate[] = [];
  const add = (path: string, why: string) => roots.push({ path, source: 'session', why });
  if (QW_SESSION && QW_ROOT) add(QW_ROOT, 'beside the session we run in');
  if (TMPDIR && insideSession) add(posix.join(TMPDIR, 'qw'), 'inside the session we run in');
  return roots;
}

function defaultRoots({ env, uid, insideSession, hasUserQuota, isNoexec }: RootQuestion): RootCandidate[] {
  const { TMPDIR } = env;
  const name = `qw-${uid}`;
  const roots = new Map<string, RootCandidate & { rank: number }>();
  const add = (dir: string, source: RootSource, why: string) => {
    const path = posix.join(dir, name);
    const [rank, drawback] = hasUserQuota(path) ? [2, QUOTA] : isNoexec(path) ? [1, NOEXEC] : [0, ''];
    const whole = rank === 0 ? why : `${why}; after the others: ${drawback}`;
    if (!roots.has(path)) roots.set(path, { path, source, why: whole, isNoexec: isNoexec(path), rank });
  };
  if (TMPDIR && posix.isAbsolute(TMPDIR) && !insideSession) add(TMPDIR, 'TMPDIR', 'in your TMPDIR');
  add('/tmp', '/tmp', 'the default');
  add('/var/tmp', '/var/tmp', 'where /tmp cannot be used');
  return [...roots.values()].sort((a, b) => a.rank - b.rank).map(({ rank: _, ...candidate }) => candidate);
}

const NOEXEC = 'its mount is noexec, nothing can be executed there';
const QUOTA = 'its tmpfs has a quota per user, which free space does not show';

function windowsRoot(env: NodeJS.ProcessEnv): RootCandidate {
  const base = env['LOCALAPPDATA'] || win32.join(env['USERPROFILE'] ?? 'C:\\', 'AppData', 'Local');
  return { path: win32.join(base, 'Temp', 'qw'), source: 'LOCALAPPDATA', why: 'the default on Windows' };
}
