// Claude applies `env` of its settings on top of its environment: a TMPDIR there leads past ours.
// `--settings` outweighs all but managed ones, so where something does, it gets a file with the user's own
// `--settings` and our TMPDIR in it. The same file carries the hook that tells the model of a full disk.
import { isObject, parseJson, reasonOf } from './agent-settings.js';
import { EVENT, HAS_HOOK, hooksOff, withHook } from './claude-hooks.js';
import type { AgentSettings } from './profile.js';
import { replaceValues, type SettingsFlag, settingsFlag, settingsFlags } from './settings-flag.js';
import { isBefore, type Version } from './version.js';

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
  const isTold = isCarried && canBeTold(args, settings) && !hooksOff([...settings.found, ...all]);
  const hook = isTold ? settings.hook(EVENT) : undefined;
  if (!culprit && hook === undefined) return [...args];
  const merge = (content: Content) => withHook(culprit ? withEnv(content, wanted) : content, hook);
  const contents = (own.length > 0 ? own : [{}]).map(merge);
  const isWord = !culprit && !isBefore(settings.version, HANDS_ON) && flags.every(isJson);
  const asWords = () => contents.map((content) => JSON.stringify(content));
  const values = isCarried ? (isWord ? asWords() : keepAll(contents, settings)) : undefined;
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
  env: { ...(isObject(content['env']) && content['env']), ...more },
});

/**
 * Its version is known to have the hook (what merely bears the name is started as it was typed), and this
 * start does more than say what Claude is.
 */
const canBeTold = (args: readonly string[], { version }: AgentSettings): boolean =>
  version !== undefined &&
  !isBefore(version, HAS_HOOK) &&
  (args.length === 0 || args.some((arg) => !ABOUT_ITSELF.has(arg)));

export const tellOverride = (path: string): string =>
  `${path} sets TMPDIR for claude: what it writes there is not cleaned up`;

/** A variable in `env` leads elsewhere than `wanted`. */
export function overrides({ env }: Content, wanted: Record<string, string>): boolean {
  return isObject(env) && Object.entries(wanted).some(([name, value]) => name in env && env[name] !== value);
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

/**
 * The first that sends a conversation from its terminal to the background. There it is started with the same
 * `--settings`, also long after the session, when a file of ours is gone: so the hook alone is given as JSON.
 */
const HANDS_ON: Version = [2, 1, 139];

const ABOUT_ITSELF: ReadonlySet<string> = new Set(['-v', '--version', '-h', '--help']);
