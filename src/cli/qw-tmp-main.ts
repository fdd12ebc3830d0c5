// What qw-tmp does: looks after sessions that are there.
import { QwRunError } from '../errors.js';
import { goInside } from '../tree/from-inside.js';
import { givenOptions, isJsonWanted, readCommandLine } from './command-line.js';
import { COMMANDS } from './commands.js';
import { EXIT } from './exit-codes.js';
import { toJson } from './format.js';
import { QW_TMP_HELP } from './help.js';
import { asTyped } from './parse-options.js';
import { print, printedOr, say } from './say.js';

declare const QW_VERSION: string; // put in by the bundler

/** Ends this process. `keepCompiled` is called when the command is done. */
export const main = async (argv: string[], keepCompiled: () => void): Promise<void> => {
  goInside();
  try {
    const code = await run(argv);
    keepCompiled();
    leave(code);
  } catch (error) {
    leave(fail(error, argv));
  }
};

async function run(argv: string[]): Promise<number> {
  const asked = readCommandLine(argv, COMMANDS, QW_TMP_HELP);
  if (asked.kind === 'run') return asked.command.run(asked.input);
  print(asked.kind === 'help' ? asked.text : `${QW_VERSION}\n`);
  return 0;
}

/** In words for people, and for programs that asked for JSON as that. */
function fail(error: unknown, argv: string[]): number {
  const isOurs = error instanceof QwRunError;
  const isMisuse = isOurs && error.code === 'ERR_QW_USAGE';
  const words = isOurs ? error.message : `unexpected: ${(error as Error)?.stack ?? error}`;
  const message = isMisuse ? asTyped(words, givenOptions(argv, COMMANDS)) : words;
  const { code = null, path = null } = (isOurs ? error : {}) as { code?: string; path?: string };
  if (isJsonWanted(argv, COMMANDS)) print(toJson({ version: 1, error: { code, message, path } }));
  say(message, PROGRAM);
  return isMisuse ? EXIT.misuse : EXIT.fellShort;
}

const leave = (code: number): never => process.exit(printedOr(EXIT.fellShort, code, PROGRAM));

const PROGRAM = 'qw-tmp';
