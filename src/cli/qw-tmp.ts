#!/usr/bin/env node
// The qw-tmp command: looks after sessions that are there.
import { QwRunError } from '../errors.js';
import { parseStrictly } from './argv.js';
import { EXIT } from './exit-codes.js';
import { QW_TMP_HELP } from './help.js';
import { list } from './list.js';
import { rm } from './rm.js';
import { say, write } from './say.js';

declare const QW_VERSION: string; // put in by the bundler

const COMMANDS = { list, rm } as const;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseStrictly(argv, OPTIONS, true);
  const [name, ...ids] = positionals;
  if (values['help']) return print(QW_TMP_HELP);
  if (values['version']) return print(`${QW_VERSION}\n`);
  if (name === undefined)
    throw new QwRunError('ERR_QW_USAGE', 'no command given; qw-tmp list or qw-tmp rm <id> (see --help)');
  if (!(name in COMMANDS)) throw new QwRunError('ERR_QW_USAGE', `no such command: ${name}; see --help`);
  const { root, json = false, force = false } = values as { root?: string; json?: boolean; force?: boolean };
  if (force && name !== 'rm') throw new QwRunError('ERR_QW_USAGE', `--force means nothing to ${name}`);
  return COMMANDS[name as keyof typeof COMMANDS]({ ids, root, isJson: json, isForced: force });
}

function print(text: string): number {
  write(1, text);
  return 0;
}

const OPTIONS = {
  root: { type: 'string' },
  json: { type: 'boolean' },
  force: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isMisuse = error instanceof QwRunError && error.code === 'ERR_QW_USAGE';
    say(
      error instanceof QwRunError ? error.message : `unexpected: ${(error as Error)?.stack ?? error}`,
      'qw-tmp',
    );
    process.exit(isMisuse ? EXIT.misuse : EXIT.fellShort);
  },
);
