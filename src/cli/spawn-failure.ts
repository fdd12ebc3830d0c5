// Why a command could not be started, told as a shell tells it: 127 not found, 126 found and not to be
// executed.
import { delimiter, join } from 'node:path';
import { codeOf, fs } from '../fs.js';
import { quote } from '../options.js';
import { EXIT } from './exit-codes.js';
import { say } from './say.js';

/** Says it on stderr; gives the exit code. */
export function explainFailure(file: string, error: Error): number {
  const code = codeOf(error);
  const isThere = isFound(file);
  // execvp(3) answers EACCES also when a directory of PATH may not be searched and the command is nowhere.
  const isMissing =
    file === '' || code === 'ENOENT' || (code === 'EACCES' && !isThere && !file.includes('/'));
  if (!isMissing) say(`cannot execute ${quote(file)}: ${code ?? error.message}`);
  else if (isThere)
    say(`cannot execute ${quote(file)}: the interpreter that its first line names is not there`);
  else say(`command not found: ${quote(file)}`);
  return isMissing ? EXIT.notFound : EXIT.cannotExecute;
}

export const isFound = (file: string): boolean =>
  file.includes('/')
    ? fs.existsSync(file)
    : file !== '' &&
      (process.env['PATH'] ?? '').split(delimiter).some((dir) => fs.existsSync(join(dir, file)));
