// `qw-run --prepare`, which qw-exec runs where it has no plan that holds: PID START PLAN QUESTION, then the
// words qw-exec was called with. Prints what that shell has to change, a line each. Exit 2: misuse; 1: no
// session, and why.
import { isRefusal } from '../errors.js';
import { prepare } from '../exec/prepare.js';
import { splitArgv } from './argv.js';
import { asTyped } from './parse-options.js';
import { print } from './say.js';
import { sessionOptions } from './session-options.js';

/** Ends this process. */
export async function prepareFor([
  pid,
  startTime,
  file = '',
  question = '',
  ...argv
]: string[]): Promise<void> {
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
