// What a private /tmp lies over.
import { attempt, fs } from '../fs.js';

/** Real paths of the directories, TMPDIR's first: one may be a link to another, or to a third. */
export const coveredDirs = (): string[] => [
  ...new Set(TEMP_DIRS.flatMap((path) => attempt(() => fs.realpathSync.native(path)) ?? [])),
];

const TEMP_DIRS = ['/tmp', '/var/tmp'];
