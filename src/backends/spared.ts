// Programs that a session starts by chance and people or other sessions go on using. They are never ended,
// nor is what they started. Data, matched by name and arguments; `--spare` and a backend's `shared` add to
// it.
import { basename } from 'node:path';

/** What of a process the rules look at. */
export interface NamedProcess {
  comm: string;
  args: readonly string[];
}

export interface SpareRule {
  /** Name of the program: its process name, or the base name of its first argument. */
  name: string | RegExp;
  /** Found in the arguments, joined by spaces. */
  argument?: RegExp;
  /** Not spared when this is found in the arguments. */
  unless?: RegExp;
  /**
   * A helper: it serves whoever asks, and has no commands of people below it. With nothing open in a TMPDIR
   * it does not hold that.
   */
  isHelper?: true;
}

export const SPARED: readonly SpareRule[] = [
  // keys and secrets
  {
    name: /^(gpg-agent|ssh-agent|dirmngr|scdaemon|keyboxd|gnome-keyring-d(aemon)?|kwalletd\d?|pinentry.*)$/,
    isHelper: true,
  },
  // terminals and multiplexers: whole logins live below them
  { name: /^(tmux|tmux: server|SCREEN|screen|zellij|dtach|abduco)$/ },
  {
    name: /^(gnome-terminal.*|konsole|xfce4-terminal|kitty|alacritty|wezterm.*|ghostty|foot|xterm|terminator|tilix|ptyxis)$/,
  },
  { name: /^mosh-server$/ },
  // the desktop
  {
    name: /^(dbus-daemon|dbus-broker.*|dbus-launch|systemd|at-spi.*|pulseaudio|pipewire.*|wireplumber|xdg-.*-portal.*|xdg-document-po|Xvfb|Xorg|Xwayland)$/,
  },
  // build daemons shared between projects
  {
    name: 'java',
    argument:
      /GradleDaemon|KotlinCompileDaemon|A-server\.jar|MavenDaemon|sbt-launch|nailgun|Mill(Server|Daemon)Main/i,
    isHelper: true,
  },
  { name: /^(bazel|bazelisk|bazel\(.*)$/, isHelper: true },
  {
    name: /^(watchman|sccache|ccache|distccd|icecc.*|buildkitd|dockerd|containerd|podman|adb)$/,
    isHelper: true,
  },
  { name: 'flow', argument: /(^| )(start|server)( |$)/, isHelper: true },
  {
    name: 'node',
    argument: /\/nx\/(src|dist)\/.*daemon|turbo(\/bin)?.* daemon|prettierd|eslint_d/,
    isHelper: true,
  },
  { name: /^(turbod|prettierd|eslint_d)$/, isHelper: true },
  { name: 'turbo', argument: /(^| )daemon( |$)/, isHelper: true },
  // an editor or browser with a person before it; one that a program drives is not
  { name: 'emacs', argument: /--(fg-|bg-)?daemon/ },
  {
    name: /^(code|code-insiders|codium|cursor|windsurf|zed|zed-editor|subl|sublime_text|idea|pycharm|webstorm|goland|clion|rider|eclipse|gedit|kate|gvim)$/,
  },
  {
    name: /^(firefox.*|chrome|google-chrome.*|chromium.*|brave.*|msedge.*|opera|vivaldi.*|epiphany|GeckoMain)$/,
    unless: /--headless|--remote-debugging-(port|pipe)|--enable-automation|-juggler|--marionette/,
  },
];

/** What is spared: by the built-in rules, `extra` ones and the user's own `names`. */
export function spareMatcher(
  names: readonly string[],
  extra: readonly SpareRule[] = [],
): { isSpared(facts: NamedProcess): boolean; isManager(facts: NamedProcess): boolean } {
  const rules = [...SPARED, ...extra, ...names.map((name): SpareRule => ({ name }))];
  const ruleOf = (facts: NamedProcess) => rules.find((rule) => matches(rule, facts));
  return {
    isSpared: (facts) => ruleOf(facts) !== undefined,
    isManager: (facts) => ruleOf(facts)?.isHelper === undefined,
  };
}

function matches(rule: SpareRule, facts: NamedProcess): boolean {
  const names = [facts.comm, basename(facts.args[0] ?? '')];
  const isNamed = names.some((name) =>
    typeof rule.name === 'string' ? isSameName(rule.name, name) : rule.name.test(name),
  );
  if (!isNamed) return false;
  const text = facts.args.slice(1).join(' ');
  return (rule.argument?.test(text) ?? true) && !(rule.unless?.test(text) ?? false);
}

/** The kernel cuts a process name after 15 bytes (prctl(2), PR_SET_NAME). */
const isSameName = (wanted: string, name: string): boolean =>
  name === wanted || (wanted.length > 15 && name === wanted.slice(0, 15));
