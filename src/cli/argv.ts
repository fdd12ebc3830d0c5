// Splits `qw-run [options] [--] command [args…]`. Everything from the first non-option on is the command's
// own, so parseArgs runs twice: loosely to find that place, strictly on what is before it.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { QwRunError } from '../errors.js';

const OPTIONS = {
  root: { type: 'string' },
  label: { type: 'string' },
  backend: { type: 'string' },
  grace: { type: 'string' },
  survivors: { type: 'string' },
  spare: { type: 'string', multiple: true },
  isolate: { type: 'string' },
  size: { type: 'string' },
  share: { type: 'string', multiple: true },
  keep: { type: 'boolean' },
  'no-watchdog': { type: 'boolean' },
  'no-wait': { type: 'boolean' },
  quiet: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

export interface WrapOptions {
  root?: string;
  label?: string;
  backend?: string;
  grace?: string;
  survivors?: string;
  spare?: string[];
  isolate?: string;
  size?: string;
  share?: string[];
  keep?: boolean;
  'no-watchdog'?: boolean;
  'no-wait'?: boolean;
  quiet?: boolean;
  version?: boolean;
  help?: boolean;
}

/** @throws QwRunError `ERR_QW_USAGE` in one line */
export function splitArgv(argv: readonly string[]): { options: WrapOptions; command: string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const first = tokens.find(({ kind }) => kind !== 'option');
  const end = first?.index ?? argv.length;
  const { values } = parseStrictly(argv.slice(0, end), OPTIONS, false);
  return { options: values, command: argv.slice(first?.kind === 'option-terminator' ? end + 1 : end) };
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = ReturnType<typeof parseArgs>['values'];

/** parseArgs with its errors told in one line of ours. */
export function parseStrictly(
  args: readonly string[],
  options: Options,
  allowPositionals: boolean,
): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals });
    const empty = Object.keys(values).find((name) => [values[name]].flat().includes(''));
    if (empty) throw new QwRunError('ERR_QW_USAGE', `--${empty} needs a value`);
    return { values, positionals };
  } catch (cause) {
    if (cause instanceof QwRunError) throw cause;
    throw new QwRunError('ERR_QW_USAGE', `${oneLine((cause as Error).message)}; see --help`, { cause });
  }
}

/** parseArgs tells of a value that looks like an option in three sentences, and calls it ambiguous. */
function oneLine(message: string): string {
  const [, option] = /(--[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option) return `${option} needs a value; one that starts with - is given as ${option}=-x`;
  const [sentence = ''] = message.split(/\.\s|\n/);
  return sentence.replace(/\.$/, '');
}
