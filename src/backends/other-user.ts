// Programs that start another one as another user. TMPDIR does not reach what they start: the loader takes it
// out of a setuid program's environment before that runs (ld.so(8)), so that not even `sudo -E` has it; and
// T is its owner's alone. Pure; what was tried is in docs/messages.md.
import { programName, targetOf } from './command-target.js';
import { ASSIGNMENT } from './launchers.js';

interface Caller {
  isRoot: boolean;
  /** Name of the user who starts it. */
  name: string | undefined;
}

/** How their words are read. A letter or word with a value has it in the same word or the next one. */
interface Switcher {
  /** Letters of options with a value. */
  values: string;
  /** Long options with a value. */
  longs: readonly string[];
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
  values: 'csgGw',
  longs: '--command --session-command --shell --group --supp-group'.split(' '),
  isNamedByWord: true,
  keeps: 'always',
  clears: 'l - --login'.split(' '),
  idle: 'V h --version --help'.split(' '),
};
const SUDO: Switcher = {
  values: 'ughpCcartTRDU',
  longs: '--user --group --host --prompt --close-from --chdir --chroot --role'.split(' '),
  assigns: true,
  keeps: ['E', '--preserve-env'],
  clears: ['i', '--login'],
  idle: 'l v V K --list --validate --version --help --remove-timestamp'.split(' '),
};
const SWITCHERS: ReadonlyMap<string, Switcher> = new Map<string, Switcher>([
  ['sudo', SUDO],
  ['doas', { values: 'aCu', longs: [], keeps: [], clears: [], idle: ['L'] }],
  ['pkexec', { values: '', longs: ['--user'], keeps: [], clears: [], idle: ['--version', '--help'] }],
  ['su', SU],
  ['runuser', { ...SU, values: `u${SU.values}`, longs: ['--user', ...SU.longs] }],
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
  const said = new Map<string, string>();
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] as string;
    if (word === '--') at += 1;
    if (word === '--' || (!word.startsWith('-') && !switcher.isNamedByWord)) break;
    if (word === '-') said.set('-', '');
    else if (!word.startsWith('-')) said.set('user', said.get('user') ?? word);
    else at += note(said, word, words[at + 1], switcher) ? 1 : 0;
  }
  const rest = words.slice(at);
  const { keeps, clears, assigns = false } = switcher;
  const isKept =
    caller.isRoot &&
    !clears.some((one) => said.has(one)) &&
    (keeps === 'always' || keeps.some((one) => said.has(one) && namesTmpdir(said.get(one))));
  return {
    user: said.get('u') ?? said.get('--user') ?? said.get('user') ?? 'root',
    hasTmpdir: isKept || isAssigned(rest, assigns),
    isStarting: !switcher.idle.some((one) => said.has(one)),
  };
}

/** Notes the options of one word; whether the value of the last one is the next word. */
function note(said: Map<string, string>, word: string, next = '', { values, longs }: Switcher): boolean {
  if (word.startsWith('--')) {
    const [name = '', value] = word.split(/=(.*)/s);
    const takesNext = value === undefined && longs.includes(name);
    said.set(name, value ?? (takesNext ? next : ''));
    return takesNext;
  }
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const value = word.slice(at + 1);
    said.set(letter, values.includes(letter) ? value || next : '');
    if (values.includes(letter)) return value === '';
  }
  return false;
}

/** `--preserve-env` without a list means all. */
const namesTmpdir = (list = ''): boolean => list === '' || list.split(',').includes('TMPDIR');

/** `sudo TMPDIR=… command`, `doas env TMPDIR=… command`. */
function isAssigned(words: readonly string[], assigns: boolean): boolean {
  const found = words.findIndex((word) => !ASSIGNMENT.test(word));
  const at = found < 0 ? words.length : found;
  const isTmpdir = (word: string) => word.startsWith('TMPDIR=');
  if (assigns && words.slice(0, at).some(isTmpdir)) return true;
  return programName(words[at] ?? '') === 'env' && words.slice(at + 1).some(isTmpdir);
}
