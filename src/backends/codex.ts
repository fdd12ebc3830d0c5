// OpenAI Codex. Its workspace-write sandbox lets commands write to an existing TMPDIR by itself. From 0.156
// on, its terminals run their commands in one daemon. `--no-daemon` keeps them in the terminal, whether a
// daemon runs or not. `--disable daemon_auto_start` does not: where one runs, Codex asks whether to restart
// it, which may interrupt the work of all others. Pure.
import { join } from 'node:path';
import { agent } from './agent.js';
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON, options, positionals } from './daemon.js';
import { isBefore } from './version.js';

export const codex = agent({
  name: 'codex',
  pack: '@openai/codex',
  entry: /\/@openai\/codex\/bin\/codex\.js$/,
  version: {
    path: /\/releases\/(\d+\.\d+\.\d+)-[^/]+\/bin\/codex$/,
    output: /^codex-cli (\d+\.\d+\.\d+)\s*$/,
  },
  // That runs on whoever started it, a shell in a session too: spared.ts.
  daemon: codexDaemon,
  settings: {
    files: ({ env, home }) => [join(env['CODEX_HOME'] || join(home, '.codex'), 'config.toml')],
    parse: (text) => ({
      excludesTmpdir: /^\s*exclude_tmpdir_env_var\s*=\s*true\b/m.test(text),
      startsDaemon: startsDaemon(text),
    }),
  },
  warnings: (_tmpdir, { found }) =>
    found
      .filter(({ content }) => content['excludesTmpdir'])
      .map(({ path }) => `exclude_tmpdir_env_var in ${path} ${READ_ONLY}`),
  // Its registries (codex-bwrap-synthetic-mount-targets-<uid>, codex-daemon-<uid>) are shared by all
  // sessions: never.
  legacy: [],
});

function codexDaemon({ wanted, args: all, canAdd, settings }: DaemonStart): DaemonUse {
  const args = options(all);
  const words = positionals(args, TAKES_VALUE);
  const [command = ''] = words;
  if (command === 'remote-control' || (command === 'app-server' && words[1] === 'daemon'))
    return inDaemon('codex');
  if (OTHER.includes(command) || args.includes('--no-daemon')) return NO_DAEMON;
  if (args.some((word) => /^--remote(=|$)/.test(word))) return { warning: REMOTE };
  const { version } = settings;
  if (isBefore(version, [0, 156, 0])) return NO_DAEMON;
  const inConfig = settings.found.some(({ content }) => content['startsDaemon']);
  if (asksForDaemon(args) || (wanted ? wanted === 'shared' : inConfig)) return inDaemon('codex');
  if (!version) return { warning: UNKNOWN };
  return canAdd ? { args: ['--no-daemon'] } : { warning: UNSEEN };
}

/** Its arguments name the feature. */
const asksForDaemon = (args: readonly string[]): boolean =>
  given(args, ['--enable']).includes('daemon_auto_start') ||
  given(args, ['-c', '--config']).some((value) => IS_ON.test(value));

/** The values of options: `--enable x` or `--enable=x`. */
const given = (args: readonly string[], options: readonly string[]): string[] =>
  args.flatMap((word, at) => {
    if (options.includes(word)) return [args[at + 1] ?? ''];
    const option = options.find((one) => word.startsWith(`${one}=`));
    return option === undefined ? [] : [word.slice(option.length + 1)];
  });

const IS_ON = /^\s*features\.daemon_auto_start\s*=\s*true\s*$/;

/** `features.daemon_auto_start` is true in its config.toml. */
export function startsDaemon(toml: string): boolean {
  if (/^\s*features\.daemon_auto_start\s*=\s*true\b/m.test(toml)) return true;
  const [, features = ''] = /^\s*\[features\][^\n]*\n([\s\S]*?)(?=^\s*\[|(?![\s\S]))/m.exec(toml) ?? [];
  return /^\s*daemon_auto_start\s*=\s*true\b/m.test(features);
}

const READ_ONLY = 'makes TMPDIR read-only for what codex runs in its sandbox';
const WAY_OUT = 'its commands run in its daemon, without this TMPDIR: codex --no-daemon keeps them';
const UNKNOWN = `cannot tell which version of codex starts here: if it is 0.156 or later, ${WAY_OUT}`;
const UNSEEN = `cannot add an argument to codex here: if its daemon runs, ${WAY_OUT}`;
const REMOTE = 'codex --remote runs its commands where that server is, without this TMPDIR';

/** Options whose value is the next word, of 0.171. */
const TAKES_VALUE = (
  '-c --config --enable --disable --remote --remote-auth-token-env -i --image -m --model --local-provider ' +
  '-p --profile -s --sandbox -C --cd --add-dir -a --ask-for-approval'
).split(' ');

/** Its subcommands that are no terminal. `resume`, `fork` and `agents` are, and so is a prompt. */
const OTHER = (
  'exec e review login logout mcp mcp-server plugin app-server completion update doctor sandbox debug ' +
  'apply a queue archive delete unarchive migrate-rollouts migrate-nfs-db cloud exec-server features help'
).split(' ');
