// Why a command could not be started, told as a shell tells it: 127 not found, 126 found and not to be executed.
import { delimiter, join } from 'node:path';
import { codeOf, fs } from '../fs.js';
import { quote } from '../options.js';
import { EXIT } from './exit-codes.js';
import { say } from './say.js';

/** Says it on stderr; gives the exit code. */
export function explainFailure(file: string, error: Error): number {
  const isMissing =
    file === '' || codeOf(error) === 'ENOENT' || (codeOf(error) === 'EACCES' && !isFound(file));
  say(
    isMissing
      ? `command not found: ${quote(file)}`
      : `cannot execute ${quote(file)}: ${codeOf(error) ?? error.message}`,
  );
  return isMissing ? EXIT.notFound : EXIT.cannotExecute;
}

/** execvp(3) answers EACCES also when a directory of PATH may not be searched and the command is nowhere. */
export const isFound = (file: string): boolean =>
  file.includes('/') ||
  (process.env['PATH'] ?? '').split(delimiter).some((dir) => fs.existsSync(join(dir, file)));
