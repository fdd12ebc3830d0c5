// With a private /tmp, what people and desktops have there has to stay in sight: sockets of the display, of
// agents for keys, of tmux, and the working directory. Data and a pure choice; nothing is shared that is not
// below a covered directory.
import { isWithin } from '../root/layout.js';

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

/** Paths to share, parents before what is below them, each once. */
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
