// Where a program that uses the library wants roots to be looked for. Its helper process runs in another
// directory, and gets nothing of the environment but the variables by which roots and temp directories are
// found.
import { type OptionNames, TEXT, VARIABLES } from '../known-options.js';
import { type Duration, fromHere } from '../options.js';

export interface PlaceOptions {
  /** Only this managed root. Default: every one that may hold sessions. */
  root?: string | undefined;
  /** After so long without a sign of life the helper process counts as hung. Default 2m. */
  deadline?: Duration | undefined;
  /** Where QW_ variables, TMPDIR and the state directory are read. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export const PLACES: OptionNames<PlaceOptions> = { root: TEXT, deadline: true, env: VARIABLES };

/** As plain data. @throws QwRunError `ERR_QW_USAGE` */
export function placesOf({ root, env = process.env }: PlaceOptions): {
  root: string | undefined;
  env: NodeJS.ProcessEnv;
} {
  return { root: absolute('root', root), env: placesIn(env) };
}

/** The variables by which roots and temp directories are found. */
export const placesIn = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ HOME: process.env['HOME'], ...env })
      .filter(([name]) => NAMES.test(name))
      .map(([name, value]) => [name, MAY_BE_RELATIVE.has(name) ? absolute(name, value) : value]),
  );

/** An empty path stays empty: it is refused later, or means none. */
const absolute = (option: string, path: string | undefined): string | undefined =>
  path ? fromHere(option, path) : path;

const NAMES = /^(QW_\w+|TMPDIR|HOME|XDG_STATE_HOME|LOCALAPPDATA|USERPROFILE)$/;
/** A relative path in any other variable is ignored. */
const MAY_BE_RELATIVE: ReadonlySet<string> = new Set(['QW_ROOT', 'TMPDIR']);
