// What qw-run does.
import { isRefusal, misuse, QwRunError } from '../errors.js';
import { prepare } from '../exec/prepare.js';
import { becomeLauncher } from '../process/exec.js';
import { binsDirectory } from '../process/own-programs.js';
import { leave } from '../terminal/exit-like.js';
import { QW_RUN_HELP, sessionOptions, splitArgv } from './argv.js';
import { EXIT } from './command.js';
import { asTyped, type Given } from './parse-options.js';
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
  if (options['help']) return tell(QW_RUN_HELP);
  if (options['version']) return tell(`${QW_VERSION}\n`);
  if (command.length === 0) throw misuse('no command given; for example: qw-run claude (see --help)');
  if (options['exec']) handOver(argv, command, options);
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

/**
 * `--exec`: becomes qw-exec, which becomes the command. Comes back where we have to stay, as a Node that
 * cannot become another program: attached mode runs the command too.
 */
function handOver(argv: readonly string[], command: readonly string[], { quiet }: Given): void {
  const bins = binsDirectory();
  const options = argv.slice(0, argv.length - command.length).filter((word) => word !== '--exec');
  const why =
    bins === undefined
      ? 'qw-exec is not beside us'
      : becomeLauncher(`${bins}/qw-exec`, [...options, ...command]);
  if (!quiet) say(`--exec: ${why}; we stay beside the command. qw-exec does without`);
}

/**
 * `--prepare`, which qw-exec runs where it has no plan that holds: PID START PLAN QUESTION, then the words
 * qw-exec was called with. Prints what that shell has to change, a line each, and ends this process. Exit 2:
 * misuse; 1: no session, and why.
 */
async function prepareFor([pid, startTime, file = '', question = '', ...argv]: string[]): Promise<void> {
  let given: string[] = [];
  try {
    const { options, command } = splitArgv(argv);
    given = Object.keys(options);
    const agent = { pid: Number(pid), startTime: Number(startTime) };
    const lines = await prepare({
      agent,
      options: sessionOptions(command, options),
      plan: { file, question },
    });
    print(lines.map((line) => `${line}\n`).join(''));
    process.exit(0); // a keeper's pipe, say, is somebody else's by now
  } catch (error) {
    const isMisuse = isRefusal(error, 'ERR_QW_USAGE');
    const text = error instanceof Error ? error.message : String(error);
    print(`say ${(isMisuse ? asTyped(text, given) : text).replace(/\s+/g, ' ')}\n`);
    process.exit(isMisuse ? 2 : 1);
  }
}
