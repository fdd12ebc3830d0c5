// Options: the help says which there are. They are checked one by one as they were typed: parseArgs reads
// them, but nobody sees its own errors, which are three sentences long.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { misuse } from '../errors.js';
import { didYouMean, oneOf } from '../nearest.js';
import { quote } from '../quote.js';

export type Options = NonNullable<ParseArgsConfig['options']>;
/** What was given, by option. */
export type Given = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Those that a help lists, one a line: `  -q, --quiet  …`, `  --sort WHAT  …`, `… may be repeated`. */
export const optionsIn = (help: string): Options =>
  Object.fromEntries(
    [...help.matchAll(/^ {2}(?:-(\w), )?--([\w-]+)( [A-Z]+)? {2,}(.*)$/gm)].map(
      ([, short, name = '', value, text = '']) => {
        const multiple = text.endsWith('may be repeated');
        return [name, { type: value ? 'string' : 'boolean', multiple, ...(short ? { short } : {}) }];
      },
    ),
  );

interface ParseOptions {
  /** Where to read more: `--help`, `qw-tmp list --help`. */
  see?: string;
  /** What to say of an option that is not among `options`; empty when nobody knows it. */
  explain?(name: string): string;
}

/** Reads what can be read and refuses nothing. */
export const readLoosely = (args: readonly string[], options: Options) =>
  parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });

/** @throws QwRunError `ERR_QW_USAGE` in one line */
export function parseOptions(
  args: readonly string[],
  options: Options,
  { see = '--help', explain = () => '' }: ParseOptions = {},
): { values: Given; positionals: string[] } {
  const { values, positionals, tokens } = readLoosely(args, options);
  const refuse = (text: string) => misuse(`${text}${text.endsWith('?') ? '' : ';'} see ${see}`);
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue, index } = token;
    if (!Object.hasOwn(options, name))
      throw refuse(
        explain(name) || unknown(rawName.startsWith('--') ? rawName : (args[index] ?? rawName), options),
      );
    if (options[name]?.type === 'boolean') {
      if (value !== undefined) throw refuse(`${rawName} takes no value`);
    } else if (value === undefined || value === '') throw refuse(`${rawName} needs a value`);
    else if (!inlineValue && value.startsWith('-') && value.length > 1)
      throw refuse(`${rawName} needs a value; one that starts with - is given as ${rawName}=-x`);
  }
  return { values, positionals };
}

/** `-keep` is read as -k -e -e -p, but whoever typed it meant one word. */
function unknown(typed: string, options: Options): string {
  const known = Object.keys(options).map((name) => `--${name}`);
  const shown = /^--?[\w-]+$/.test(typed) ? typed : quote(typed);
  if (/^-[a-z]$/i.test(typed)) {
    const meant = known.filter((option) => option[2] === typed[1]?.toLowerCase());
    return `unknown option ${shown}${meant.length > 0 ? `; did you mean ${oneOf(meant)}?` : ''}`;
  }
  return `unknown option ${shown}${didYouMean(typed.replace(/^-?-?/, '--'), known)}`;
}

/**
 * The library names its options as JavaScript does (`maxAge`). The user reads them as they are typed:
 * `maxAge needs …` becomes `--max-age needs …` where that option was given.
 */
export function asTyped(message: string, given: readonly string[]): string {
  const [word] = /^\w+/.exec(message) ?? [];
  const option = given.find((name) => inCode(name) === word);
  if (option === undefined) return message;
  const rest = message.slice(inCode(option).length);
  return `--${option}${rest.replace(/^([^"]*\b(?:needs|below)) (isolate|low)\b/, '$1 --$2')}`;
}

const inCode = (option: string): string => option.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
