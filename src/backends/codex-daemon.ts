// From 0.156 on, terminals of Codex run their commands in one daemon. `--no-daemon` keeps them in the
// terminal, whether a daemon runs or not. `--disable daemon_auto_start` does not: where one runs, Codex asks
// whether to restart it, which may interrupt the work of all others. Pure.
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON, options, positionals } from './daemon.js';
import { isBefore } from './version.js';

export function codexDaemon({ wanted, args: all, canAdd, settings }: DaemonStart): DaemonUse {
  const args = options(all);
  const words = positionals(args, TAKES_VALUE);
  const [command = ''] = words;
  if (command === 'remote-control' || (command === 'app-server' && words[1] === 'daemon'))
    return inDaemon('codex');
  if (OTHER.has(command) || args.includes('--no-daemon')) return NO_DAEMON;
  if (args.some((word) => /^--remote(=|$)/.test(word))) return { warning: REMOTE };
  const { version } = settings;
  if (isBefore(version, [0, 156, 0])) return NO_DAEMON;
  const inConfig = settings.found.some(({ content }) => content['startsDaemon']) ? 'shared' : undefined;
  if ((asksForDaemon(args) ?? wanted ?? inConfig) === 'shared') return inDaemon('codex');
  if (!version) return { warning: UNKNOWN };
  return canAdd ? { args: ['--no-daemon'] } : { warning: UNSEEN };
}

/** Its arguments name the feature. */
const asksForDaemon = (args: readonly string[]): 'shared' | undefined =>
  given(args, ['--enable']).includes(FEATURE) ||
  given(args, ['-c', '--config']).some((value) => IS_ON.test(value))
    ? 'shared'
    : undefined;

/** The values of options: `--enable x` or `--enable=x`. */
const given = (args: readonly string[], options: readonly string[]): string[] =>
  args.flatMap((word, at) => {
    if (options.includes(word)) return [args[at + 1] ?? ''];
    const option = options.find((one) => word.startsWith(`${one}=`));
    return option === undefined ? [] : [word.slice(option.length + 1)];
  });

const FEATURE = 'daemon_auto_start';
const IS_ON = /^\s*features\.daemon_auto_start\s*=\s*true\s*$/;

/** `features.daemon_auto_start` is true in its config.toml. */
export function startsDaemon(toml: string): boolean {
  if (/^\s*features\.daemon_auto_start\s*=\s*true\b/m.test(toml)) return true;
  const [, features = ''] = /^\s*\[features\][^\n]*\n([\s\S]*?)(?=^\s*\[|(?![\s\S]))/m.exec(toml) ?? [];
  return /^\s*daemon_auto_start\s*=\s*true\b/m.test(features);
}

const WAY_OUT = "its commands run in its daemon, without this session's TMPDIR: codex --no-daemon keeps them";
const UNKNOWN = `cannot tell which version of codex starts here: if it is 0.156 or later, ${WAY_OUT}`;
const UNSEEN = `cannot add an argument to codex here: if its daemon runs, ${WAY_OUT}`;
const REMOTE = "codex --remote runs its commands where that server is, without this session's TMPDIR";

/** Options whose value is the next word, of 0.171. */
const TAKES_VALUE: ReadonlySet<string> = new Set([
  ...['-c', '--config', '--enable', '--disable', '--remote', '--remote-auth-token-env', '-i', '--image'],
  ...['-m', '--model', '--local-provider', '-p', '--profile', '-s', '--sandbox', '-C', '--cd', '--add-dir'],
  ...['-a', '--ask-for-approval'],
]);

/** Its subcommands that are no terminal. `resume`, `fork` and `agents` are, and so is a prompt. */
const OTHER: ReadonlySet<string> = new Set([
  ...['exec', 'e', 'review', 'login', 'logout', 'mcp', 'mcp-server', 'plugin', 'app-server', 'completion'],
  ...['update', 'doctor', 'sandbox', 'debug', 'apply', 'a', 'queue', 'archive', 'delete', 'unarchive'],
  ...['migrate-rollouts', 'migrate-nfs-db', 'cloud', 'exec-server', 'features', 'help'],
]);
