// A program that lies below a private /tmp is out of sight inside: told with the way out, where nsenter would
// only say that it is not there.
import { delimiter, dirname, join, resolve } from 'node:path';
import { QwRunError } from '../errors.js';
import { fs } from '../fs.js';
import { quote, shellQuote } from '../options.js';

/** Where `file` is looked for: itself, or in PATH (execvp(3)). Pure. */
export const programPaths = (file: string, cwd: string, { PATH = '' }: NodeJS.ProcessEnv): string[] =>
  file.includes('/')
    ? [resolve(cwd, file)]
    : PATH.split(delimiter)
        .filter(Boolean)
        .map((dir) => join(resolve(cwd, dir), file));

/**
 * Whether one of `paths` that is here is also there: below `root`, where `covered` are private.
 * @throws QwRunError `ERR_QW_ISOLATION` with what to share
 */
export function checkInSight(paths: readonly string[], root: string, covered: readonly string[]): void {
  const here = paths.find((path) => fs.existsSync(path));
  if (covered.length === 0 || here === undefined || paths.some((path) => fs.existsSync(`${root}${path}`)))
    return;
  const dir = dirname(here);
  throw new QwRunError(
    'ERR_QW_ISOLATION',
    `${quote(here)} is out of sight with a private /tmp; add --share ${shellQuote(covered.includes(dir) ? here : dir)}`,
    { path: here },
  );
}
