// What a private /tmp covers. A program below it is out of sight inside: we say so, with the way out, where
// nsenter would only say that it is not there.
import { dirname } from 'node:path';
import { QwRunError } from '../errors.js';
import { attempt, fs } from '../fs.js';
import { quote, shellQuote } from '../options.js';

/** Real paths of the directories, TMPDIR's first: one may be a link to another, or to a third. */
export const coveredDirs = (): string[] => [
  ...new Set(TEMP_DIRS.flatMap((path) => attempt(() => fs.realpathSync.native(path)) ?? [])),
];

const TEMP_DIRS = ['/tmp', '/var/tmp'];

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
    `${quote(here)} is out of sight with a private /tmp; add --share ` +
      `${shellQuote(covered.includes(dir) ? here : dir)}`,
    { path: here },
  );
}
