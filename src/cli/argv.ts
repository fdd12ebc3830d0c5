// Splits `qw-run [options] [--] command [args…]`. Everything from the first non-option on is the command's
// own, so the words are read twice: loosely to find that place, strictly what is before it.
import { type Options, parseOptions, readLoosely, type Values } from './parse-options.js';

const OPTIONS = {
  root: { type: 'string' },
  label: { type: 'string' },
  backend: { type: 'string' },
  grace: { type: 'string' },
  survivors: { type: 'string' },
  spare: { type: 'string', multiple: true },
  daemon: { type: 'string' },
  isolate: { type: 'string' },
  size: { type: 'string' },
  share: { type: 'string', multiple: true },
  keep: { type: 'boolean' },
  exec: { type: 'boolean' },
  'no-tell': { type: 'boolean' },
  'no-watchdog': { type: 'boolean' },
  'no-wait': { type: 'boolean' },
  quiet: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

export type WrapOptions = Values<typeof OPTIONS>;

/** @throws QwRunError `ERR_QW_USAGE` in one line */
export function splitArgv(argv: readonly string[]): { options: WrapOptions; command: string[] } {
  const { tokens } = readLoosely(argv, OPTIONS);
  const first = tokens.find(({ kind }) => kind !== 'option');
  const end = first?.index ?? argv.length;
  const { values } = parseOptions(argv.slice(0, end), OPTIONS);
  return { options: values, command: argv.slice(first?.kind === 'option-terminator' ? end + 1 : end) };
}
