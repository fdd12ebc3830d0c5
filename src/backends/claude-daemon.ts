// What Claude leaves to its daemon. Its background sessions run below it, and it hands them its own
// environment, whoever asked for them: a TMPDIR of ours would be gone under the next one. Pure.
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON, options, positionals } from './daemon.js';

export function claudeDaemon({ args }: DaemonStart): DaemonUse {
  const word = wordForDaemon(args);
  return word === undefined ? NO_DAEMON : inDaemon(`claude ${word}`);
}

/** What asks for that; undefined for all else. */
function wordForDaemon([first = '', ...rest]: readonly string[]): string | undefined {
  if (FOR_DAEMON.has(first)) return first;
  if (isForAgents(options([first, ...rest]))) return 'agents';
  return [first, ...rest].find((word) => word === '--bg' || word === '--background');
}

/** This one of them counts behind options, too, unless they ask for an answer in print (2.1.332). */
function isForAgents(args: readonly string[]): boolean {
  const before = args.slice(0, Math.max(0, args.indexOf('agents')));
  const last = before.filter((word) => word.startsWith('-')).at(-1) ?? '';
  const isPrint = args.some((word) => word === '-p' || word === '--print');
  return !isPrint && !TAKES_MANY.has(last) && positionals(args, TAKES_VALUE)[0] === 'agents';
}

/** Commands of its own whose sessions run below its daemon, or that are one. In first place. */
const FOR_DAEMON: ReadonlySet<string> = new Set(['daemon', 'agents', 'attach', 'respawn', '--bg-pty-host']);

/** All words up to the next option are its values. */
const TAKES_MANY: ReadonlySet<string> = new Set([
  ...['--add-dir', '--allowedTools', '--allowed-tools', '--betas', '--disallowedTools', '--disallowed-tools'],
  ...['--file', '--mcp-config', '--tools'],
]);
const TAKES_VALUE: ReadonlySet<string> = new Set([
  ...TAKES_MANY,
  ...['--agent', '--agents', '--append-system-prompt', '--autocompact', '--cloud', '-d', '--debug'],
  ...['--debug-file', '--effort', '--environment', '--fallback-model', '--from-pr', '--input-format'],
  ...['--json-schema', '--max-budget-usd', '--model', '-n', '--name', '--output-format'],
  ...['--permission-mode', '--permission-prompts', '--plugin-dir', '--plugin-url', '--prompt-suggestions'],
  ...['--remote-control', '--remote-control-session-name-prefix', '-r', '--resume', '--session-id'],
  ...['--setting-sources', '--settings', '--system-prompt', '--system-prompt-snapshot', '--teleport'],
  ...['-w', '--worktree'],
]);
