#!/usr/bin/env node
// The qw-run command.
import { QwRunError } from '../errors.js';
import { leave } from '../terminal/exit-like.js';
import { splitArgv } from './argv.js';
import { EXIT } from './exit-codes.js';
import { QW_RUN_HELP } from './help.js';
import { say, write } from './say.js';
import { wrap } from './wrap.js';

declare const QW_VERSION: string; // put in by the bundler

async function main(argv: string[]): Promise<void> {
  const { options, command } = splitArgv(argv);
  if (options.help) return write(1, QW_RUN_HELP);
  if (options.version) return write(1, `${QW_VERSION}\n`);
  if (command.length === 0)
    throw new QwRunError('ERR_QW_USAGE', 'no command given; for example: qw-run claude (see --help)');
  await wrap(command, options);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof QwRunError ? error.message : `unexpected: ${(error as Error)?.stack ?? error}`);
  leave(EXIT.failed);
});
