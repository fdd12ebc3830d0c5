// Programs that a session starts by chance and people or other sessions go on using. They are never ended,
// but where nobody else can reach them (docs/processes.md). Data, matched by name and arguments; `--spare`
// and a backend's `shared` add to it.
import { basename, resolve } from 'node:path';
import { isWithin } from '../root/layout.js';

/** What of a process the rules look at. */
export interface NamedProcess {
  comm: string;
  args: readonly string[];
  /** Its program, and its working directory; undefined where they cannot be read. */
  exe?: string | undefined;
  cwd?: string | undefined;
}

/**
 * - `manager`: it runs commands for people, who go on working in its TMPDIR.
 * - `multiplexer`: the same, reached by sockets alone.
 * - `helper`: it serves whoever asks, and has no commands of people below it.
 * - `host`: a helper that starts the agents of whoever asks, with its own environment.
 * - `service`: a helper, and orphans become its children, whoever started them.
 * - `keys`: gpg-agent, which leaves by itself when its home is gone. `ssh-agent`: asked for by variable.
 * - `display`: an X server without a screen.
 */
export type SpareKind =
  | 'manager'
  | 'multiplexer'
  | 'helper'
  | 'host'
  | 'service'
  | 'keys'
  | 'ssh-agent'
  | 'display';

export interface SpareRule {
  /** Name of the program: its process name, or the base name of its first argument. */
  name: string | RegExp;
  /** Found in the arguments, joined by spaces. */
  argument?: RegExp;
  /** Not spared when this is found in the arguments. */
  unless?: RegExp;
  kind: SpareKind;
}

/** A process of a browser that is driven need not say so: what it descends from does. */
const DRIVEN =
  /--(headless|remote-debugging-(port|pipe)|enable-automation|marionette|type=)|-juggler|-contentproc/;

const SPARED: readonly SpareRule[] = [
  // keys and secrets
  { name: 'gpg-agent', kind: 'keys' },
  { name: 'ssh-agent', kind: 'ssh-agent' },
  { name: /^(dirmngr|scdaemon|keyboxd|gnome-keyring-d(aemon)?|kwalletd\d?|pinentry.*)$/, kind: 'helper' },
  { name: 'git', argument: /(^| )credential-cache--daemon( |$)/, kind: 'helper' },
  { name: 'git-credential-cache--daemon', kind: 'helper' },
  // terminals and multiplexers: whole logins live below them
  { name: /^(tmux|tmux: server|SCREEN|screen|zellij|dtach|abduco)$/, kind: 'multiplexer' },
  { name: /^(gnome-terminal.*|konsole|xfce4-terminal|kitty|alacritty|wezterm.*|ghostty)$/, kind: 'manager' },
  { name: /^(foot|xterm|terminator|tilix|ptyxis|mosh-server)$/, kind: 'manager' },
  // process managers
  { name: /^PM2 v/, kind: 'multiplexer' },
  { name: 'node', argument: /\/pm2\/lib\/Daemon\.js( |$)/, kind: 'multiplexer' }, // until it has its title
  // the desktop
  { name: /^(dbus-daemon|dbus-broker.*|dbus-launch|at-spi.*|xdg-.*-portal.*)$/, kind: 'helper' },
  { name: /^(pulseaudio|pipewire.*|wireplumber|xdg-document-po|Xorg|Xwayland)$/, kind: 'helper' },
  { name: 'systemd', kind: 'service' },
  { name: /^(Xvfb|Xephyr|Xnest|Xvnc|Xtigervnc|Xtightvnc|Xvnc-core)$/, kind: 'display' },
  // build daemons shared between projects
  { name: 'java', argument: /(Gradle|KotlinCompile|Maven)Daemon|A-server\.jar/i, kind: 'helper' },
  { name: 'java', argument: /sbt-launch|nailgun|Mill(Server|Daemon)Main/i, kind: 'helper' },
  { name: /^(bazel|bazelisk|bazel\(.*)$/, kind: 'helper' },
  { name: /^(watchman|sccache|ccache|distccd|icecc.*)$/, kind: 'helper' },
  { name: /^(buildkitd|dockerd|containerd|podman|adb)$/, kind: 'helper' },
  { name: 'flow', argument: /(^| )(start|server)( |$)/, kind: 'helper' },
  { name: 'node', argument: /\/nx\/(src|dist)\/.*daemon|turbo(\/bin)?.* daemon/, kind: 'helper' },
  { name: 'node', argument: /prettierd|eslint_d/, kind: 'helper' },
  { name: /^(turbod|prettierd|eslint_d)$/, kind: 'helper' },
  { name: 'turbo', argument: /(^| )daemon( |$)/, kind: 'helper' },
  // agents whose daemon runs the commands of all terminals; a hub at a place of ours is the session's
  {
    name: /^(cline|node|bun)$/,
    argument: /--cline-hub-daemon\b/,
    unless: /--pathname \/qw-/,
    kind: 'helper',
  },
  { name: /^(codex|node)/, argument: /app-server .*(--managed-daemon|pid-update-loop)\b/, kind: 'helper' },
  // an editor or browser with a person before it; one that a program drives is not
  { name: 'emacs', argument: /--(fg-|bg-)?daemon/, kind: 'manager' },
  { name: /^(code|code-insiders|codium|cursor|windsurf|zed|zed-editor|subl|sublime_text)$/, kind: 'manager' },
  { name: /^(idea|pycharm|webstorm|goland|clion|rider|eclipse|gedit|kate|gvim)$/, kind: 'manager' },
  { name: /^(code-tunnel|code-server|openvscode-ser.*)$/, kind: 'manager' },
  { name: 'node', argument: /^\S*\/\.(vscode(-insiders|-oss)?|vscodium)-server\//, kind: 'manager' },
  { name: 'node', argument: /^\S*\/\.(cursor|windsurf)-server\//, kind: 'manager' },
  { name: 'node', argument: /^\S*\/(code-server|openvscode-server[^/\s]*)\//, kind: 'manager' },
  { name: /^(firefox.*|GeckoMain|opera|epiphany)$/, unless: DRIVEN, kind: 'manager' },
  {
    name: /^(chrome|google-chrome.*|chromium.*|brave.*|msedge.*|vivaldi.*)$/,
    unless: DRIVEN,
    kind: 'manager',
  },
];

interface Spare {
  /** The user's own names. */
  names: readonly string[];
  /** Further rules: of the session's backend. */
  shared: readonly SpareRule[];
  /** Where programs of the session's own lie: there a listed name alone says nothing. */
  ownPlaces: readonly string[];
}

/** Tells which of the programs that are spared a process is. */
export function spareMatcher(spare: Spare): (facts: NamedProcess) => SpareKind | undefined {
  const { names, shared, ownPlaces } = spare;
  const asked = names.map((name): SpareRule => ({ name, kind: 'manager' }));
  const listed = [...SPARED, ...shared];
  return (facts) => {
    const isMatch = matcher(facts);
    if (asked.some(isMatch)) return 'manager';
    const rule = listed.find(isMatch);
    const isNameAll = rule !== undefined && rule.argument === undefined;
    return isNameAll && isOwn(facts, ownPlaces) ? undefined : rule?.kind;
  };
}

/** A program of a package manager's is nobody's own, wherever that put it. */
function isOwn(facts: NamedProcess, places: readonly string[]): boolean {
  const path = programOf(facts);
  if (path === undefined || path.includes('/node_modules/')) return false;
  return places.some((place) => isWithin(place, path));
}

/** Of a script its own path: the program is what reads it (execve(2), "Interpreter scripts"). */
function programOf({ comm, args, exe, cwd }: NamedProcess): string | undefined {
  const isCalled = (path: string) => basename(path).slice(0, MAX_NAME) === comm;
  if (exe === undefined || isCalled(exe)) return exe;
  const script = args.slice(1).find(isCalled);
  return script === undefined ? exe : resolve(cwd ?? '/', script);
}

/**
 * The working directory of a session as a place of its own programs; none where programs of everybody lie
 * there or below it.
 */
export const ownPlace = (cwd: string, home: string | undefined): string[] =>
  home === undefined || isWithin(cwd, home) || SYSTEM.some((dir) => isWithin(dir, cwd)) ? [] : [cwd];

const SYSTEM = ['/bin', '/sbin', '/lib', '/usr', '/opt', '/snap', '/nix', '/etc', '/var/lib'];

function matcher({ comm, args }: NamedProcess): (rule: SpareRule) => boolean {
  const [program = '', ...rest] = wordsOf(args);
  const names = [comm, basename(args[0] ?? ''), basename(program)];
  return ({ name: wanted, argument, unless }) => {
    const isIt = (name: string) =>
      typeof wanted === 'string' ? isSameName(wanted, name) : wanted.test(name);
    if (!names.some(isIt)) return false;
    const text = rest.join(' ');
    return (argument?.test(text) ?? true) && !unless?.test(text);
  };
}

/** A browser's children write their arguments as a title: one string, with spaces (setproctitle(3)). */
const wordsOf = (args: readonly string[]): readonly string[] =>
  args.length === 1 ? (args[0] ?? '').split(' ') : args;

/** The kernel cuts a process name after 15 bytes (prctl(2), PR_SET_NAME). */
const isSameName = (wanted: string, name: string): boolean =>
  name === wanted || (wanted.length > MAX_NAME && name === wanted.slice(0, MAX_NAME));

const MAX_NAME = 15;
