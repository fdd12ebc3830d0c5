// The command line of qw-tmp: its commands, its help, and what `qw-tmp <command> [options]` asks for. Pure.
import { misuse } from '../errors.js';
import { didYouMean } from '../nearest.js';
import { quote } from '../quote.js';
import type { Command, CommandInput } from './command.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { list } from './list.js';
import { log } from './log.js';
import { type Options, optionsIn, parseOptions, readLoosely } from './parse-options.js';
import { reap } from './reap.js';
import { rm } from './rm.js';
import { roots } from './roots.js';
import { shell } from './shell.js';
import { show } from './show.js';

/** In the order of the help. */
const COMMANDS: readonly Command[] = [list, show, reap, rm, log, explain, shell, roots, doctor];

const HELP = `qw-tmp shows and removes the temp directories of qw-run's sessions.

  qw-tmp list                 what is there, who uses it, how large it is
  qw-tmp list --watch         the same, drawn again and again
  qw-tmp show k3j             one session: who, since when, what is large
  qw-tmp reap --dry-run       what nobody owns or uses any more
  qw-tmp reap                 remove that
  qw-tmp rm k3j               remove a session nobody uses
  qw-tmp log --since 1h       what became of sessions, and who ended them
  qw-tmp explain PATH         whose it is, why it is there, what removed it
  qw-tmp doctor               what is wrong here, and the command that fixes it

Usage: qw-tmp COMMAND [options]

  list, ls   sessions, sizes, free space
  show       all about one session
  reap       one pass of the reaper
  rm         removes sessions by id, label or state
  log        what became of sessions: receipts
  explain    about a path, a session or a process
  shell      your shell in the TMPDIR of a session
  roots      where sessions may lie, and forgets a directory
  doctor     a look at this machine
  help       qw-tmp help COMMAND, or qw-tmp COMMAND --help

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs, errors too
  --version, --help

Exit status: 0 done, 1 something fell short (said which), 2 misuse.
Variables: QW_ROOT QW_MAX_AGE QW_SPARE QW_LOW QW_TARGET QW_WORKTREES; QW_LOG=off:
no receipts for qw-tmp log; QW_REAP=off: no passes of qw-run's own.
`;

type CommandLine =
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  | { kind: 'run'; command: Command; input: CommandInput };

/** @throws QwRunError `ERR_QW_USAGE` in one line */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = readLoosely(argv, ALL);
  const [name, ...names] = positionals;
  const helpWith = (word: string | undefined): CommandLine => ({
    kind: 'help',
    text: word === undefined ? HELP : find(word).help,
  });
  if (name === 'help') return helpWith(names[0]);
  if (values['help']) return helpWith(leading(argv)?.name ?? name);
  if (name === undefined) {
    const { values: checked } = parseOptions(argv, ALL);
    if (checked['version']) return { kind: 'version' };
    const some = COMMANDS.map((one) => one.name).join(', ');
    throw misuse(`no command given; qw-tmp ${some} (see --help)`);
  }
  const command = leading(argv) ?? find(name);
  return { kind: 'run', command, input: inputOf(argv, command) };
}

/** The options that were given, as far as an invalid command line shows them. */
export const givenOptions = (argv: readonly string[]) => readLoosely(argv, ALL).values;

/**
 * Each command reads the words with its own options; the one meant is the one whose name then comes first.
 * Before the name, `--orphans` takes a value for `reap` and none for `rm`.
 */
const leading = (argv: readonly string[]): Command | undefined =>
  COMMANDS.find((command) => {
    const [first] = readLoosely(argv, { ...COMMON, ...ALONE, ...optionsIn(command.help) }).positionals;
    return first !== undefined && namesOf(command).includes(first);
  });

function find(word: string): Command {
  const meant = COMMANDS.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
  if (meant) return meant;
  const synonym = Object.hasOwn(SYNONYMS, word) ? `; did you mean ${SYNONYMS[word]}?` : '';
  const hint = synonym || didYouMean(word, COMMANDS.flatMap(namesOf));
  throw misuse(`no such command: ${plain(word)}${hint || ';'} see --help`);
}

function inputOf(argv: readonly string[], command: Command): CommandInput {
  const explain = (option: string) => {
    const others = COMMANDS.filter(({ help }) => Object.hasOwn(optionsIn(help), option));
    const names = others.map(({ name }) => name).join(' and ');
    return names && `${command.name} has no option --${option}: it is an option of ${names}`;
  };
  const options = { ...COMMON, ...optionsIn(command.help) };
  const see = `qw-tmp ${command.name} --help`;
  const { values, positionals } = parseOptions(argv, options, { see, explain });
  const value = (option: string) => [values[option]].flat().at(-1) as string | undefined;
  return {
    names: positionals.slice(1),
    root: value('root'),
    isJson: values['json'] === true,
    has: (option) => values[option] === true,
    value,
  };
}

const namesOf = ({ name, aliases = [] }: Command): string[] => [name, ...aliases];

const plain = (word: string): string => (/^[\w-]+$/.test(word) ? word : quote(word));

const COMMON: Options = { ...optionsIn(HELP), help: { type: 'boolean', short: 'h' } };
const ALONE: Options = { version: { type: 'boolean' } };
const ALL: Options = Object.assign({}, ...COMMANDS.map(({ help }) => optionsIn(help)), COMMON, ALONE);
/** Words of other tools. */
const SYNONYMS: Record<string, string> = {
  ps: 'list',
  status: 'list',
  remove: 'rm',
  delete: 'rm',
  kill: 'rm --force',
  stop: 'rm --force',
  clean: 'reap',
  gc: 'reap',
  prune: 'reap',
  check: 'doctor',
};
