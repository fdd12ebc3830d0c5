// Claude applies `env` of its settings on top of its environment: a TMPDIR there leads past ours.
// `--settings` outweighs all but managed ones, so where something does, it gets a file with the user's own
// `--settings` and our TMPDIR in it. The same carries our hooks; hooks alone are given as JSON.
import { parseArgs } from 'node:util';
import { isRecord } from '../checks.js';
import { parseJson, reasonOf } from './agent-settings.js';
import { HANDS_ON, hooksFor, hooksOff, withHooks } from './claude-hooks.js';
import type { AgentSettings } from './profile.js';
import { isBefore } from './version.js';

type Content = Record<string, unknown>;

/**
 * Claude's own arguments, with a settings file in them where something overrides what is `wanted`, or the
 * model can be told of a full disk.
 */
export function outweigh(
  wanted: Record<string, string>,
  args: readonly string[],
  settings: AgentSettings,
): string[] {
  const flags = settingsFlags(args);
  const own = readOwn(flags, settings);
  if (!own) return [...args];
  const found = settings.found.filter(({ path }) => path !== MANAGED); // those win over --settings too
  const all = [...found, ...own.map((content) => ({ path: '--settings', content }))];
  const culprit = all.find(({ content }) => overrides(content, wanted));
  const isCarried = canCarry(args, flags);
  const hooks = isCarried && !hooksOff([...settings.found, ...all]) ? hooksFor(args, settings) : [];
  if (!culprit && hooks.length === 0) return [...args];
  const merge = (content: Content) => withHooks(culprit ? withEnv(content, wanted) : content, hooks);
  const contents = (own.length > 0 ? own : [{}]).map(merge);
  const words = contents.map((content) => JSON.stringify(content));
  // In the background it is started with the same, also long after the session, when a file of ours is gone.
  const isWord = !culprit && !isBefore(settings.version, HANDS_ON) && flags.every(isJson) && areShort(words);
  const values = isCarried ? (isWord ? words : keepAll(contents, settings)) : undefined;
  if (values)
    return flags.length > 0 ? replaceValues(args, flags, values) : [...values.map(settingsFlag), ...args];
  if (culprit) settings.warn(tellOverride(culprit.path));
  return [...args];
}

/**
 * One each: of several `--settings` the first counts for Claude up to 2.1.112, the last for 2.1.197, and so
 * it stays.
 */
function keepAll(contents: readonly Content[], { keep }: AgentSettings): string[] | undefined {
  const files = contents.map(keep);
  return files.every((file) => file !== undefined) ? files : undefined;
}

const withEnv = (content: Content, more: Record<string, string>): Content => ({
  ...content,
  env: { ...(isRecord(content['env']) && content['env']), ...more },
});

export const tellOverride = (path: string): string =>
  `${path} sets TMPDIR for claude: what it writes there is not cleaned up`;

/** A variable in `env` leads elsewhere than `wanted`. */
export function overrides({ env }: Content, wanted: Record<string, string>): boolean {
  return isRecord(env) && Object.entries(wanted).some(([name, value]) => name in env && env[name] !== value);
}

/**
 * The user's own, as Claude reads them: JSON when it is in braces, else a file. Undefined when one cannot be
 * read.
 */
function readOwn(flags: readonly SettingsFlag[], { read, warn }: AgentSettings): Content[] | undefined {
  try {
    return flags.map((flag) => (isJson(flag) ? parseJson(flag.value) : read(flag.value)));
  } catch (error) {
    warn(`--settings of claude cannot be read (${reasonOf(error)}): it may override TMPDIR`);
    return undefined;
  }
}

/** A single argument may have 128 KiB (MAX_ARG_STRLEN, execve(2)). */
const areShort = (words: readonly string[]): boolean => words.every((word) => word.length < 30_000);

const isJson = ({ value }: SettingsFlag): boolean => /^\s*\{[\s\S]*\}\s*$/.test(value);

/** Settings of the machine's administrator. */
export const MANAGED =
  process.platform === 'darwin'
    ? '/Library/Application Support/ClaudeCode/managed-settings.json'
    : process.platform === 'win32'
      ? 'C:\\Program Files\\ClaudeCode\\managed-settings.json'
      : '/etc/claude-code/managed-settings.json';

/**
 * A subcommand has to stay the first word, and what `--bg` starts outlives the session and its file. One word
 * in lower case may be a prompt too: then it is taken for a subcommand, and the user told.
 */
const canCarry = (args: readonly string[], flags: readonly SettingsFlag[]): boolean =>
  (flags.length > 0 || !/^[a-z][a-z-]*$/.test(args[0] ?? '')) &&
  !args.includes('--bg') &&
  !args.includes('--background');

interface SettingsFlag {
  /** Where it stands in the arguments. */
  index: number;
  /** `--settings=x`, not `--settings x`. */
  isJoined: boolean;
  /** A file's path, or JSON. */
  value: string;
}

/**
 * Every `--settings` in order. Nothing after `--` counts; whatever the next word is, it is the value. A word
 * like `-a - b` or `-wfix-x` is hidden from parseArgs, which reads it letter by letter: a hyphen in it would
 * end the options.
 */
export function settingsFlags(args: readonly string[]): SettingsFlag[] {
  const words = args.map((word) => (/^-[^-]/.test(word) ? '-' : word));
  const options = { settings: { type: 'string' } } as const;
  return parseArgs({ args: words, options, strict: false, tokens: true }).tokens.flatMap((token) => {
    if (token.kind !== 'option' || token.name !== 'settings' || token.value === undefined) return [];
    const { index, inlineValue: isJoined } = token;
    return [{ index, isJoined, value: isJoined ? token.value : (args[index + 1] as string) }];
  });
}

/** The same arguments with other values, a file or JSON, one for each flag. */
function replaceValues(
  args: readonly string[],
  flags: readonly SettingsFlag[],
  values: readonly string[],
): string[] {
  const changed = [...args];
  for (const [at, { index, isJoined }] of [...flags.entries()].reverse())
    changed.splice(index, isJoined ? 1 : 2, settingsFlag(values[at] as string));
  return changed;
}

/**
 * One word, not two. When Claude quits it prints the command that resumes, with the flags it was started
 * with; two words would be printed, and the file is gone by then. With one it prints no flags (2.1.330,
 * 2.1.332): it leaves them out where the word of one has a dot.
 */
const settingsFlag = (value: string): string => `--settings=${value}`;
