// What qw-tmp does.
import { isRefusal, QwRunError } from '../errors.js';
import { goInside } from '../tree/from-inside.js';
import { EXIT } from './command.js';
import { givenOptions, readCommandLine } from './command-line.js';
import { toJson } from './format.js';
import { asTyped } from './parse-options.js';
import { print, printedOr, say, speakAs, wordsOf } from './say.js';

declare const QW_VERSION: string; // put in by the bundler

/** Ends this process. `keepCompiled` is called when the command is done. */
export const main = async (argv: string[], keepCompiled: () => void): Promise<void> => {
  goInside();
  speakAs('qw-tmp');
  try {
    const code = await run(argv);
    keepCompiled();
    leave(code);
  } catch (error) {
    leave(fail(error, argv));
  }
};

async function run(argv: string[]): Promise<number> {
  const asked = readCommandLine(argv);
  if (asked.kind === 'run') return asked.command.run(asked.input);
  print(asked.kind === 'help' ? asked.text : `${QW_VERSION}\n`);
  return 0;
}

/** For people in words; as JSON, too, for programs that asked for that. */
function fail(error: unknown, argv: string[]): number {
  const isMisuse = isRefusal(error, 'ERR_QW_USAGE');
  const given = givenOptions(argv);
  const message = isMisuse ? asTyped(wordsOf(error), Object.keys(given)) : wordsOf(error);
  if (given['json'] === true) {
    const { code, path } = error instanceof QwRunError ? error : ({} as Partial<QwRunError>);
    print(toJson({ version: 1, error: { code: code ?? null, message, path: path ?? null } }));
  }
  say(message);
  return isMisuse ? EXIT.misuse : EXIT.fellShort;
}

const leave = (code: number): never => process.exit(printedOr(EXIT.fellShort, code));
