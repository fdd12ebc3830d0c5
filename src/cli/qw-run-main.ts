// What qw-run does.
import { QwRunError } from '../errors.js';
import { leave } from '../terminal/exit-like.js';
import { splitArgv } from './argv.js';
import { EXIT } from './exit-codes.js';
import { QW_RUN_HELP } from './help.js';
import { say, write } from './say.js';
import { wrap } from './wrap.js';

declare const QW_VERSION: string; // put in by the bundler

/** Ends this process. `keepCompiled` is called once most of us has run. */
export const main = (argv: string[], keepCompiled: () => void): Promise<void> =>
  run(argv, keepCompiled).catch((error: unknown) => {
    say(error instanceof QwRunError ? error.message : `unexpected: ${(error as Error)?.stack ?? error}`);
    leave(EXIT.failed);
  });

async function run(argv: string[], keepCompiled: () => void): Promise<void> {
  const { options, command } = splitArgv(argv);
  if (options.help) return write(1, QW_RUN_HELP);
  if (options.version) return write(1, `${QW_VERSION}\n`);
  if (command.length === 0)
    throw new QwRunError('ERR_QW_USAGE', 'no command given; for example: qw-run claude (see --help)');
  await wrap(command, options, keepCompiled);
}
