// Programs that start another one as another user. TMPDIR does not reach what they start: the loader takes it
// out of a setuid program's environment before that runs (ld.so(8)), so that not even `sudo -E` has it; and
// T is its owner's alone. Pure; what was tried is in docs/messages.md.
import { parseArgs } from 'node:util';
import { programName, targetOf } from './command-target.js';
import { ASSIGNMENT } from './launchers.js';

interface Caller {
  isRoot: boolean;
  /** Name of the user who starts it. */
  name: string | undefined;
}

/** How their words are read; options by letter or word. */
interface Switcher {
  /** Those with a value. */
  values: readonly string[];
  /** The user is the first word that is no option, not a value of one. */
  isNamedByWord?: boolean;
  /** Variables set by words `NAME=value` before the command. */
  assigns?: boolean;
  /** With these, started by root, the environment stays as it is. `always`: without any. */
  keeps: readonly string[] | 'always';
  /** With these it does not, whatever else is said. */
  clears: readonly string[];
  /** With these nothing runs: lists, versions, help. */
  idle: readonly string[];
}

const SU: Switcher = {
  values: 'c s g G w command session-command shell group supp-group'.split(' '),
  isNamedByWord: true,
  keeps: 'always',
  clears: 'l - login'.split(' '),
  idle: 'V h version help'.split(' '),
};
const SUDO: Switcher = {
  values: [...'ughpCcartTRDU', ...'user group host prompt close-from chdir chroot role'.split(' ')],
  assigns: true,
  keeps: ['E', 'preserve-env'],
  clears: ['i', 'login'],
  idle: 'l v V K list validate version help remove-timestamp'.split(' '),
};
const SWITCHERS: ReadonlyMap<string, Switcher> = new Map<string, Switcher>([
  ['sudo', SUDO],
  ['doas', { values: ['a', 'C', 'u'], keeps: [], clears: [], idle: ['L'] }],
  ['pkexec', { values: ['user'], keeps: [], clears: [], idle: ['version', 'help'] }],
  ['su', SU],
  ['runuser', { ...SU, values: ['u', 'user', ...SU.values] }],
]);

/** What the user of a session should know before `command` starts there; undefined where all is well. */
export function otherUserWarning(command: readonly string[], caller: Caller): string | undefined {
  const target = targetOf(command);
  const name = target?.kind === 'program' && target.argsAt !== undefined ? programName(target.word) : '';
  const switcher = SWITCHERS.get(name);
  if (!switcher || target?.argsAt === undefined) return undefined;
  const { user, hasTmpdir, isStarting } = readWords(command.slice(target.argsAt), switcher, caller);
  if (!isStarting) return undefined;
  const instead = `start qw-run inside instead: ${name} … qw-run …`;
  if (!hasTmpdir)
    return `${name} removes TMPDIR from the environment: what it starts does not write there; ${instead}`;
  const isAllowed = ['root', '#0', '0', caller.name].includes(user);
  return isAllowed
    ? undefined
    : `TMPDIR is yours alone (0700): what ${name} starts as ${user} cannot write there; ${instead}`;
}

interface Words {
  user: string;
  /** TMPDIR reaches what is started. */
  hasTmpdir: boolean;
  /** A command or a shell is started at all. */
  isStarting: boolean;
}

function readWords(words: readonly string[], switcher: Switcher, caller: Caller): Words {
  const { values, isNamedByWord, keeps, clears, assigns = false, idle } = switcher;
  const optionOf = (name: string) =>
    name.length === 1 ? { type: 'string' as const, short: name } : { type: 'string' as const };
  const options = Object.fromEntries(values.map((name) => [name, optionOf(name)]));
  const read = (args: readonly string[]) =>
    parseArgs({ args: [...args], options, strict: false, tokens: true });
  const last = read(words).tokens.find(
    ({ kind }) => kind === 'option-terminator' || (kind === 'positional' && !isNamedByWord),
  );
  const at = last?.index ?? words.length;
  const { values: said, positionals } = read(words.slice(0, at));
  const rest = words.slice(last?.kind === 'option-terminator' ? at + 1 : at);
  const isSaid = (name: string) => name in said || (name === '-' && positionals.includes(name));
  // A hyphen within `-n-E` reads as the end of the options; all of these programs refuse it.
  const isRefused = last?.kind === 'option-terminator' && words[at] !== '--';
  const isKept =
    caller.isRoot &&
    !clears.some(isSaid) &&
    (keeps === 'always' || keeps.some((name) => isSaid(name) && namesTmpdir(said[name])));
  const user = said['u'] ?? said['user'] ?? positionals.find((word) => word !== '-') ?? 'root';
  return {
    user: String(user),
    hasTmpdir: isKept || isAssigned(rest, assigns),
    isStarting: !isRefused && !idle.some(isSaid),
  };
}

/** `--preserve-env` without a list means all. */
const namesTmpdir = (list: unknown): boolean =>
  typeof list !== 'string' || list === '' || list.split(',').includes('TMPDIR');

/** `sudo TMPDIR=… command`, `doas env TMPDIR=… command`. */
function isAssigned(words: readonly string[], assigns: boolean): boolean {
  const found = words.findIndex((word) => !ASSIGNMENT.test(word));
  const at = found < 0 ? words.length : found;
  const isTmpdir = (word: string) => word.startsWith('TMPDIR=');
  if (assigns && words.slice(0, at).some(isTmpdir)) return true;
  return programName(words[at] ?? '') === 'env' && words.slice(at + 1).some(isTmpdir);
}
