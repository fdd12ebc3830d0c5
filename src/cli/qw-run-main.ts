// What qw-run does.
import { isRefusal, misuse, QwRunError } from '../errors.js';
import { leave } from '../terminal/exit-like.js';
import { splitArgv } from './argv.js';
import { EXIT } from './exit-codes.js';
import { handOver } from './hand-over.js';
import { QW_RUN_HELP } from './help.js';
import { asTyped } from './parse-options.js';
import { prepareFor } from './prepare-for.js';
import { print, printedOr, say, wordsOf } from './say.js';
import { wrap } from './wrap.js';

declare const QW_VERSION: string; // put in by the bundler

/** Ends this process. `keepCompiled` is called once most of us has run. */
export const main = (argv: string[], keepCompiled: () => void): Promise<void> =>
  run(argv, keepCompiled).catch((error: unknown) => {
    say(wordsOf(error));
    leave(EXIT.failed);
  });

async function run(argv: string[], keepCompiled: () => void): Promise<void> {
  if (argv[0] === '--prepare') return prepareFor(argv.slice(1));
  const { options, command } = splitArgv(argv);
  if (options.help) return tell(QW_RUN_HELP);
  if (options.version) return tell(`${QW_VERSION}\n`);
  if (command.length === 0) throw misuse('no command given; for example: qw-run claude (see --help)');
  if (options.exec) handOver(argv, command, options);
  try {
    await wrap(command, options, keepCompiled);
  } catch (error) {
    if (!isRefusal(error, 'ERR_QW_USAGE')) throw error;
    throw new QwRunError(error.code, asTyped(error.message, Object.keys(options)), { cause: error });
  }
}

function tell(text: string): void {
  print(text);
  leave(printedOr(EXIT.failed, 0));
}
