// Why a session cannot be isolated here, in words for whoever has to fix it. It is an error, never a silently
// weaker isolation.
import { dirname } from 'node:path';
import { QwRunError } from '../errors.js';
import { codeOf, readProc } from '../fs.js';
import { fieldOf } from '../process/procfs.js';
import { printable, quote } from '../quote.js';

export interface IsolationFailure {
  /** What it needs and is not there. */
  missing?: keyof typeof MISSING;
  /** It is only there, and not run from there. */
  refused?: string | undefined;
  /** bubblewrap could not be started. */
  error?: unknown;
  /** What it said. */
  stderr?: string;
}

/** The error to throw. */
export function cannotIsolate(failure: IsolationFailure): QwRunError {
  const { what, advice } = explain(failure, {
    platform: process.platform,
    readSetting: (name) => readProc(`/proc/sys/${name}`)?.trim(),
    isFiltered: fieldOf('/proc/self/status', 'Seccomp') === '2',
  });
  return new QwRunError('ERR_QW_ISOLATION', `no isolation here: ${what}; ${advice}, or leave out --isolate`, {
    cause: failure.error,
  });
}

export interface Machine {
  platform: NodeJS.Platform;
  /** Content of a file below /proc/sys. */
  readSetting(name: string): string | undefined;
  /** A seccomp filter decides which system calls we may make (proc_pid_status(5)). */
  isFiltered: boolean;
}

/** Pure. First what is missing, then a container's bounds and settings, then bubblewrap's own words. */
export function explain(
  { missing, refused, error, stderr = '' }: IsolationFailure,
  { platform, readSetting, isFiltered }: Machine,
): { what: string; advice: string } {
  if (platform !== 'linux') return { what: `it needs Linux, this is ${platform}`, advice: 'run it there' };
  if (missing && refused !== undefined)
    return {
      what:
        `${missing} is only in ${quote(dirname(refused))}, where an agent may put another in its ` +
        `place: qw-run does not run it from there`,
      advice: `install it for all users${missing === 'bwrap' ? ` (${INSTALL_BWRAP})` : ''}`,
    };
  if (missing) return MISSING[missing];
  const said = printable(stderr.trim().split('\n').pop() ?? '').replace(/^bwrap: /, '');
  if (/make \/ slave/.test(said)) return NO_MOUNTS;
  if (isFiltered && /permissions to create|pivot_root/.test(said)) return FILTERED;
  for (const { setting, forbids, what, advice } of FORBIDDING)
    if (readSetting(setting) === forbids && NAMESPACE.test(said)) return { what, advice };
  if (error)
    return {
      what: `bwrap cannot be started (${codeOf(error)})`,
      advice: 'try it by hand: bwrap --dev-bind / / true',
    };
  return { what: said || 'bwrap ended without a word', advice: 'try it by hand: bwrap --dev-bind / / true' };
}

/** What bubblewrap says where the kernel refuses a namespace or, under AppArmor, what is done inside it. */
const NAMESPACE = /namespace|uid map|gid map|permission|not permitted|No space left/i;

/** Docker's own: its filter forbids the namespace, AppArmor the first mount in it (bubblewrap#505). */
const CONTAINER =
  'start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined';
const FILTERED = {
  what:
    'a seccomp filter forbids namespaces (a container has one, or a systemd unit with ' +
    'RestrictNamespaces=)',
  advice: CONTAINER,
};
const NO_MOUNTS = {
  what: 'mounts are forbidden (by the AppArmor profile of a container)',
  advice: CONTAINER,
};

const INSTALL_BWRAP =
  'Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap; Arch: pacman -S bubblewrap';

const MISSING = {
  bwrap: {
    what: 'bubblewrap (bwrap) is not installed',
    advice: `install it (${INSTALL_BWRAP})`,
  },
  'plain bwrap': {
    what: 'bwrap is setuid here, so only root could enter what it makes',
    advice: 'sudo chmod u-s "$(command -v bwrap)"',
  },
  nsenter: { what: 'nsenter is not there', advice: 'install util-linux' },
  procfs: {
    what: '/proc does not show this process: it is not mounted, or belongs to another pid namespace',
    advice: 'mount -t proc proc /proc',
  },
  cp: { what: '--keep of what is in memory needs cp of coreutils', advice: 'install coreutils' },
} as const;

const FORBIDDING = [
  {
    setting: 'kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    what: 'AppArmor forbids user namespaces to bwrap (Ubuntu 23.10 and later)',
    advice: 'allow them to bwrap with an AppArmor profile: see docs/isolation.md in the sources of qw-run',
  },
  {
    setting: 'kernel/unprivileged_userns_clone',
    forbids: '0',
    what: 'user namespaces are forbidden (kernel.unprivileged_userns_clone=0)',
    advice: 'sudo sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    setting: 'user/max_user_namespaces',
    forbids: '0',
    what: 'user namespaces are forbidden (user.max_user_namespaces=0)',
    advice: 'sudo sysctl -w user.max_user_namespaces=15000',
  },
] as const;
