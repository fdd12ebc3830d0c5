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
function nestedRoots(env: NodeJS.ProcessEnv, insideSession: boolean): RootCandidate[] {
  const { QW_ROOT, QW_SESSION, TMPDIR } = env;
  const source = 'session';
  const beside =
    QW_SESSION && QW_ROOT ? [{ path: QW_ROOT, source, why: 'beside the session we run in' }] : [];
  const inside =
    TMPDIR && insideSession
      ? [{ path: posix.join(TMPDIR, 'qw'), source, why: 'inside the session we run in' }]
      : [];
  return [...beside, ...inside] as RootCandidate[];
}

function defaultRoots({ env, uid, insideSession, ...mounts }: RootQuestion): RootCandidate[] {
  const name = `qw-${uid}`;
  const users: RootCandidate[] =
    env['TMPDIR'] && posix.isAbsolute(env['TMPDIR']) && !insideSession
      ? [{ path: posix.join(env['TMPDIR'], name), source: 'TMPDIR', why: 'in your TMPDIR' }]
      : [];
  const system: RootCandidate[] = [
    { path: `/tmp/${name}`, source: '/tmp', why: 'the default' },
    { path: `/var/tmp/${name}`, source: '/var/tmp', why: 'where /tmp cannot be used' },
  ];
  const all = [...users, ...system]
    .filter((candidate, index, list) => list.findIndex(({ path }) => path === candidate.path) === index)
    .map((candidate) => (mounts.isNoexec(candidate.path) ? { ...candidate, isNoexec: true } : candidate));
  const hasQuota = ({ path }: RootCandidate) => mounts.hasUserQuota(path);
  const late = (candidate: RootCandidate, what: string) => ({
    ...candidate,
    why: `${candidate.why}; after the others: ${what}`,
  });
  return [
    ...all.filter((candidate) => !hasQuota(candidate) && !candidate.isNoexec),
    ...all
      .filter((candidate) => !hasQuota(candidate) && candidate.isNoexec)
      .map((candidate) => late(candidate, 'its mount is noexec, nothing can be executed there')),
    ...all
      .filter(hasQuota)
      .map((candidate) => late(candidate, 'its tmpfs has a quota per user, which free space does not show')),
  ];
}

function windowsRoot(env: NodeJS.ProcessEnv): RootCandidate {
  const base = env['LOCALAPPDATA'] || win32.join(env['USERPROFILE'] ?? 'C:\\', 'AppData', 'Local');
  return { path: win32.join(base, 'Temp', 'qw'), source: 'LOCALAPPDATA', why: 'the default on Windows' };
}
