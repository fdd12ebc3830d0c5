// Claude Code. From 2.1.92 it follows TMPDIR for all it writes; before, CLAUDE_CODE_TMPDIR alone moved
// claude-<uid>.
import { join } from 'node:path';
import { agent } from './agent.js';
import { parseJson } from './agent-settings.js';
import { untold } from './claude-hooks.js';
import { MANAGED, outweigh, overrides, tellOverride } from './claude-settings.js';
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON, options, positionals } from './daemon.js';
import type { Shape, UnitPattern } from './patterns.js';
import { isBefore, type Version } from './version.js';

/** It takes no notice of TMPDIR. */
const isDeaf = (version: Version | undefined): boolean => isBefore(version, [2, 1, 92]);

/** The variables as its settings have to say them: an empty CLAUDE_CODE_TMPDIR is none. */
const wanted = (tmpdir: string, version: Version | undefined) => ({
  TMPDIR: tmpdir,
  CLAUDE_CODE_TMPDIR: isDeaf(version) ? tmpdir : '',
});

const ANYTHING: Shape = { kind: 'directory' };
const BY_COMMAND: Shape = { kind: 'file', byCommand: true };
/** A command's working directory, told by `pwd -P`: a path and a newline. */
const CWD: Shape = { kind: 'file', maxBytes: 4_097 };
/** It looks whether it can watch files, in a file of this name. */
const PROBE: Shape = { kind: 'directory', holds: ['probe'] };

/**
 * Below claude-<uid> only a session's own directory, and what was left at its top: it is the TMPDIR of
 * sandboxed commands, so what go and mktemp leave when they are killed lies there. Never claude/ (every
 * user's), cc-* (sockets and daemons).
 */
const OWN: readonly UnitPattern[] = [
  { path: 'claude-<uid>/*/<uuid>', shape: ANYTHING },
  { path: 'claude-<uid>/cwd-<hex:4>', shape: CWD },
  { path: 'claude-<uid>/fswatch-probe-<random:6>', shape: PROBE },
  { path: 'claude-<uid>/go-build<number>', shape: ANYTHING },
  { path: 'claude-<uid>/tmp.<random:10|random:6>', shape: ANYTHING },
  { path: 'claude-<uid>/tmp.<random:10|random:6>', shape: BY_COMMAND },
  { path: 'claude-<hex:4>-cwd', shape: CWD },
  { path: 'claude-empty-<random:6>', shape: { kind: 'directory', holds: [] } },
  { path: 'fswatch-probe-<random:6>', shape: PROBE },
];

export const claude = agent({
  name: 'claude',
  pack: '@anthropic-ai/claude-code',
  entry: new RegExp(
    [
      String.raw`/@anthropic-ai/claude-code(/cli\.js|/cli-wrapper\.cjs|/bin/claude\.exe|-[a-z0-9-]+/claude)$`,
      String.raw`/claude/versions/\d+\.\d+\.\d+$`,
    ].join('|'),
  ),
  replaced: ['CLAUDE_CODE_TMPDIR'],
  version: {
    path: /\/claude\/versions\/(\d+\.\d+\.\d+)$/,
    output: /^(\d+\.\d+\.\d+) \(Claude Code\)\s*$/,
  },
  env: (tmpdir, version) => (isDeaf(version?.()) ? { CLAUDE_CODE_TMPDIR: tmpdir } : {}),
  settings: {
    files: ({ env: { CLAUDE_CONFIG_DIR: config }, home, cwd }) => [
      join(config || home, '.claude.json'),
      join(config || join(home, '.claude'), 'settings.json'),
      join(cwd, '.claude/settings.json'),
      join(cwd, '.claude/settings.local.json'),
      MANAGED,
    ],
    // .claude.json is large, and seldom has an `env`
    parse: (text, path) => (path.endsWith('.claude.json') && !text.includes('TMPDIR') ? {} : parseJson(text)),
  },
  daemon: claudeDaemon,
  args: (tmpdir, args, settings) => outweigh(wanted(tmpdir, settings.version), args, settings),
  untold,
  warnings: (tmpdir, { version, found }) => [
    ...found
      .filter(({ path, content }) => path === MANAGED && overrides(content, wanted(tmpdir, version)))
      .map(({ path }) => tellOverride(path)),
    ...(isBefore(version, [2, 1, 5])
      ? ['claude before 2.1.5 also writes to /tmp/claude, whatever TMPDIR says']
      : []),
  ],
  units: [...OWN, { path: 'claude-<uid>/*/<uuid>/tasks/*.output', shape: { kind: 'file' } }],
  legacy: [
    ...OWN,
    // What else a sandboxed command wrote at the top of its TMPDIR. A directory may be a clone, so it stays.
    { path: 'claude-<uid>/*', shape: BY_COMMAND },
    // Named by a random UUID, from 2.1.77 by a hash of what is in it.
    { path: 'claude-settings-<uuid|hex:16>.json', shape: { kind: 'file' } },
  ],
  // Background sessions have a daemon per user. One that a terminal started keeps that session's TMPDIR, and
  // gives it to all sessions that it starts. A process is named by the file it was started from: claude.exe
  // from npm, a version's number from the installer.
  shared: [
    {
      name: /^(claude(\.exe)?|\d+\.\d+\.\d+)$/,
      argument: /^(\S*\/\S+ )?(daemon run|(--)?bg-(pty-host|spare))( |$)/,
      kind: 'host',
    },
    {
      name: /^(node|bun)$/,
      argument: /(^|\/)(cli\.js|claude) (daemon run|(--)?bg-(pty-host|spare))( |$)/,
      kind: 'host',
    },
    { name: /^(claude )?bg-(pty-host|spare)$/, kind: 'host' },
  ],
});

/**
 * What Claude leaves to its daemon. Its background sessions run below it, and it hands them its own
 * environment, whoever asked for them: a TMPDIR of ours would be gone under the next one.
 */
function claudeDaemon({ args }: DaemonStart): DaemonUse {
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
