// Reads `qw-tmp <command> [options]`: which command, with what; or which help. Pure.
import { misuse } from '../errors.js';
import { didYouMean } from '../nearest.js';
import { quote } from '../options.js';
import type { Command, CommandInput } from './command.js';
import { type Options, parseOptions, readLoosely } from './parse-options.js';

type CommandLine =
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  | { kind: 'run'; command: Command; input: CommandInput };

/** @throws QwRunError `ERR_QW_USAGE` in one line */
export function readCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  help: string,
): CommandLine {
  const { values, positionals } = readLoosely(argv, allOptions(commands));
  const [name, ...names] = positionals;
  const helpWith = (word: string | undefined): CommandLine => ({
    kind: 'help',
    text: word === undefined ? help : find(word, commands).help,
  });
  if (name === 'help') return helpWith(names[0]);
  if (values['help']) return helpWith(leading(argv, commands)?.name ?? name);
  if (name === undefined) {
    const { values: checked } = parseOptions(argv, allOptions(commands));
    if (checked['version']) return { kind: 'version' };
    const some = commands.map((one) => one.name).join(', ');
    throw misuse(`no command given; qw-tmp ${some} (see --help)`);
  }
  const command = leading(argv, commands) ?? find(name, commands);
  return { kind: 'run', command, input: inputOf(argv, command, commands) };
}

/** The options that were given, as far as an invalid command line shows them. */
export const givenOptions = (argv: readonly string[], commands: readonly Command[]) =>
  readLoosely(argv, allOptions(commands)).values;

/**
 * The command whose name comes first when the words are read as its own: before it may stand an option that
 * takes a value with one command and none with another.
 */
const leading = (argv: readonly string[], commands: readonly Command[]): Command | undefined =>
  commands.find((command) => {
    const [first] = readLoosely(argv, { ...COMMON, ...ALONE, ...command.options }).positionals;
    return first !== undefined && namesOf(command).includes(first);
  });

function find(word: string, commands: readonly Command[]): Command {
  const meant = commands.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
  if (meant) return meant;
  const synonym = Object.hasOwn(SYNONYMS, word) ? `; did you mean ${SYNONYMS[word]}?` : '';
  const hint = synonym || didYouMean(word, commands.flatMap(namesOf));
  throw misuse(`no such command: ${plain(word)}${hint || ';'} see --help`);
}

function inputOf(argv: readonly string[], command: Command, commands: readonly Command[]): CommandInput {
  const explain = (option: string) => {
    const others = commands.filter(({ options }) => Object.hasOwn(options, option)).map(({ name }) => name);
    const whose = `it is an option of ${others.join(' and ')}`;
    return others.length > 0 ? `${command.name} has no option --${option}: ${whose}` : undefined;
  };
  const options: Options = { ...COMMON, ...command.options };
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

const allOptions = (commands: readonly Command[]): Options =>
  Object.assign({}, ...commands.map(({ options }) => options), COMMON, ALONE);

const namesOf = ({ name, aliases = [] }: Command): string[] => [name, ...aliases];

const plain = (word: string): string => (/^[\w-]+$/.test(word) ? word : quote(word));

const COMMON = {
  root: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;
const ALONE = { version: { type: 'boolean' } } as const satisfies Options;
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
