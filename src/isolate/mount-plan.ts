// Which mounts make a session's private TMPDIR, as arguments for bubblewrap, what the agent sees of it, and
// what stays in sight with a private /tmp. Pure. The rest of the file system stays as it is: tidiness, not a
// sandbox.
import { join } from 'node:path';
import { isWithin, markerDir, tmpDir } from '../root/layout.js';
import type { Isolation } from './isolation.js';

export interface PlanQuestion {
  isolation: Isolation;
  root: string;
  /** Session directory. */
  dir: string;
  /** `/tmp` and what else is to be covered, real paths. */
  covered: readonly string[];
  /** Paths below them that stay visible. */
  shared: readonly string[];
}

/** What an agent sees of its session. */
export interface Sight {
  /** The managed root for runs inside. */
  root: string;
  tmpdir: string;
  /** Where we keep files for it, and what it calls that directory. */
  files: { dir: string; seenAs: string };
}

export interface MountPlan extends Sight {
  /** bubblewrap's. */
  args: string[];
}

/**
 * The marker is a directory of the session bound into the new namespace: whoever has it in its mount table
 * belongs to the session, whatever became of its environment and its parents.
 */
export function planMounts({ isolation, root, dir, covered, shared }: PlanQuestion): MountPlan {
  const { mode, sizeBytes } = isolation;
  const tmp = tmpDir(dir);
  const marker = markerDir(dir);
  const whole = ['--dev-bind', '/', '/'];
  if (mode === 'tmpfs') {
    const mounts = [...bind(marker, marker), ...tmpfs(sizeBytes, '0700', tmp)];
    return { root, tmpdir: tmp, files: { dir: marker, seenAs: marker }, args: [...whole, ...mounts] };
  }
  const [first = '/tmp'] = covered;
  const isRootCovered = covered.some((cover) => isWithin(cover, root));
  const seenMarker = isRootCovered ? join(first, COVERED_MARKER) : marker;
  return {
    root: isRootCovered ? join(first, 'qw') : root,
    tmpdir: first,
    files: { dir: marker, seenAs: seenMarker },
    args: [
      ...whole,
      ...covered.flatMap((cover) =>
        sizeBytes === undefined ? bind(tmp, cover) : tmpfs(sizeBytes, '1777', cover),
      ),
      ...shared.flatMap((path) => bind(path, path)),
      ...bind(marker, seenMarker),
    ],
  };
}

const bind = (from: string, to: string): string[] => ['--bind', from, to];
const tmpfs = (sizeBytes: number | undefined, mode: string, to: string): string[] => [
  ...['--perms', mode, '--size', String(sizeBytes)],
  ...['--tmpfs', to],
];

/** In TMPDIR, since the session's own directory is covered; hidden, so that `rm -rf /tmp/*` passes it by. */
const COVERED_MARKER = '.qw-session';

export interface ShareQuestion {
  env: NodeJS.ProcessEnv;
  uid: number;
  /** Working directory of the agent. */
  cwd: string;
  /** Named by the user. */
  named: readonly string[];
  /** Directories that are covered, real paths. */
  covered: readonly string[];
  /** The real path, undefined when there is none. */
  resolve(path: string): string | undefined;
}

/**
 * Why a named path cannot be shared; undefined when it can. `path` is absolute. Pure.
 * A link below a covered directory would itself be out of sight, and a covered directory shared is none.
 */
export function shareRefusal(
  path: string,
  { covered, resolve }: Pick<ShareQuestion, 'covered' | 'resolve'>,
): string | undefined {
  const real = resolve(path);
  if (real === undefined) return 'is not there';
  if (covered.some((cover) => isWithin(real, cover)))
    return 'would be all of what is private: name a path below it';
  if (path === real || !covered.some((cover) => isWithin(cover, path))) return undefined;
  return `is or passes a link: name what it leads to, ${real}`;
}

/**
 * What people and desktops have below a covered directory and has to stay in sight: sockets of the display,
 * of agents for keys, of tmux, and the working directory. Parents before what is below them, each once.
 */
export function sharedPaths({ env, uid, cwd, named, covered, resolve }: ShareQuestion): string[] {
  const wished = [
    ...FIXED,
    `/tmp/tmux-${uid}`,
    ...VARIABLES.flatMap((name) => pathsIn(env[name])),
    cwd,
    ...named,
  ];
  const real = wished.flatMap((path) => resolve(path) ?? []);
  const below = real.filter((path) => covered.some((cover) => path !== cover && isWithin(cover, path)));
  return [...new Set(below)]
    .filter((path) => !below.some((other) => other !== path && isWithin(other, path)))
    .sort();
}

/** A path, `unix:path=…,guid=…` of D-Bus, or `…,pid,pane` of tmux. */
function pathsIn(value = ''): string[] {
  const path = /^(?:unix:path=)?(\/[^,;]+)/.exec(value)?.[1];
  return path === undefined ? [] : [path];
}

/** X11 and its session manager (X(7)). */
const FIXED = ['/tmp/.X11-unix', '/tmp/.ICE-unix'];

const VARIABLES = [
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'HOME',
  'SSH_AUTH_SOCK',
  'TMUX',
  'VSCODE_GIT_IPC_HANDLE',
  'VSCODE_IPC_HOOK_CLI',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
];
