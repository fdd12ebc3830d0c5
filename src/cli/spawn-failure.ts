// Why a command could not be started, reported as a shell does: 127 not found, 126 found but not executable.
import { codeOf, fs } from '../fs.js';
import { quote } from '../options.js';
import { programPaths } from '../process/program-paths.js';
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
  else if (isThere) say(`cannot execute ${quote(file)}: the interpreter in its first line does not exist`);
  else say(`command not found: ${quote(file)}${aliasHint(file)}`);
  return isMissing ? EXIT.notFound : EXIT.cannotExecute;
}

/** Some agents install themselves as an alias, which only the user's shell knows. */
function aliasHint(file: string): string {
  if (file === 'help') return '; for help on qw-run: qw-run --help';
  if (!/^[\w.+-]+$/.test(file)) return '';
  return `; if your shell has an alias of that name, give the path it stands for (see: type ${file})`;
}

export const isFound = (file: string): boolean =>
  programPaths(file, '', process.env).some((path) => fs.existsSync(path));
