// What Claude leaves to its daemon. Its background sessions run below it, and it hands them its own
// environment, whoever asked for them: a TMPDIR of ours would be gone under the next one. Pure.
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON } from './daemon.js';
import { options, positionals } from './words.js';

export function claudeDaemon({ args }: DaemonStart): DaemonUse {
  const word = wordForDaemon(args);
  return word === undefined ? NO_DAEMON : inDaemon(`claude ${word}`);
}

/** What asks for that; undefined for all else. */
function wordForDaemon(args: readonly string[]): string | undefined {
  const [first] = args;
  if (first !== undefined && FOR_DAEMON.includes(first)) return first;
  if (isForAgents(options(args))) return 'agents';
  return args.find((word) => word === '--bg' || word === '--background');
}

/** This one of them counts behind options, too, unless they ask for an answer in print (2.1.332). */
function isForAgents(args: readonly string[]): boolean {
  const before = args.slice(0, Math.max(0, args.indexOf('agents')));
  const last = before.filter((word) => word.startsWith('-')).at(-1) ?? '';
  const isPrint = args.some((word) => word === '-p' || word === '--print');
  return !isPrint && !TAKES_MANY.includes(last) && positionals(args, TAKES_VALUE)[0] === 'agents';
}

/** Commands of its own whose sessions run below its daemon, or that are one. In first place. */
const FOR_DAEMON = 'daemon agents attach respawn --bg-pty-host'.split(' ');

/** All words up to the next option are its values. */
const TAKES_MANY = (
  '--add-dir --allowedTools --allowed-tools --betas --disallowedTools --disallowed-tools --file ' +
  '--mcp-config --tools'
).split(' ');
const TAKES_VALUE = [
  ...TAKES_MANY,
  ...'--agent --agents --append-system-prompt --autocompact --cloud -d --debug --debug-file'.split(' '),
  ...'--effort --environment --fallback-model --from-pr --input-format --json-schema'.split(' '),
  ...'--max-budget-usd --model -n --name --output-format --permission-mode --permission-prompts'.split(' '),
  ...'--plugin-dir --plugin-url --prompt-suggestions --remote-control -r --resume'.split(' '),
  ...'--remote-control-session-name-prefix --session-id --setting-sources --settings'.split(' '),
  ...'--system-prompt --system-prompt-snapshot --teleport -w --worktree'.split(' '),
];
