// Where a system's tool is, as our helpers find it: in the user's PATH, then in the system's.
import { delimiter, join } from 'node:path';
import { attempt, fs } from '../fs.js';
import { bareEnv } from './bare-env.js';

/** Its path; undefined where there is none that can be executed, or that `isAble` would have. */
export const findTool = (name: string, isAble: (path: string) => boolean = () => true): string | undefined =>
  (bareEnv()['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, name))
    .find((path) => isExecutable(path) && isAble(path));

const isExecutable = (path: string): boolean => {
  if (!fs.existsSync(path)) return false; // most are: an error thrown in vain costs more than the look
  const stat = attempt(() => fs.statSync(path, { throwIfNoEntry: false }));
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0;
};
