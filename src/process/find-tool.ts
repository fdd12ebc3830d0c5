// Where a program of the system is that we run ourselves. An agent can write to directories of the user's
// PATH, and what it puts there must not run outside its sandbox: only directories count that nobody but root
// can write to.
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { attempt, fs, realPath } from '../fs.js';
import { othersWrite } from '../root/trusted.js';

/** Path of a program that we may run, only made here: a bare name is a type error at the door. */
export type Program = string & { readonly [found]: true };
declare const found: unique symbol;

/** What runs us runs our own bundles. */
export const OWN_NODE = process.execPath as Program;
/** Every Unix has it there. */
export const SHELL = '/bin/sh' as Program;

/** One that can be executed: in the system's directories, else in those of PATH that are root's alone. */
export function findTool(name: string, isAble: (path: string) => boolean = () => true): Program | undefined {
  const isFit = (path: string) => isExecutable(path) && isAble(path);
  const ofSystem = SYSTEM_DIRS.map((dir) => join(dir, name)).find(isFit);
  const ofRoot = () => inPath(name).flatMap((path) => fixedPath(path) ?? []);
  return (ofSystem ?? ofRoot().find(isFit)) as Program | undefined;
}

/** The same, or where it should be: to start that fails as for any missing program. */
export const tool = (name: string): Program =>
  findTool(name) ?? (join(SYSTEM_DIRS[0] as string, name) as Program);

/** A tool of that name in PATH that we do not run from there, for messages. */
export const refusedTool = (name: string): string | undefined =>
  inPath(name).find((path) => fixedPath(path) === undefined);

/** In directories of the user's PATH. */
const inPath = (name: string): string[] =>
  programPaths(name, '', process.env).filter(isAbsolute).filter(isExecutable);

/**
 * Its path without links in its directory; undefined where somebody but root can change the file, or what
 * path or link lead through. A sticky directory is no better here: anybody can add a program (/nix/store).
 */
function fixedPath(path: string): string | undefined {
  const dir = realPath(dirname(path));
  const target = realPath(path);
  if (dir === undefined || target === undefined) return undefined;
  return isRootsAlone(dir) && isRootsAlone(target) ? join(dir, basename(path)) : undefined;
}

/** Nobody but root can change it, whatever way leads there. `path` has no links in it. */
export function isRootsAlone(path: string): boolean {
  const stat = attempt(() => fs.lstatSync(path));
  if (stat?.uid !== 0 || othersWrite(stat.mode)) return false;
  return path === dirname(path) || isRootsAlone(dirname(path));
}

function isExecutable(path: string): boolean {
  if (!fs.existsSync(path)) return false; // most are: an error thrown in vain costs more than the look
  const stat = attempt(() => fs.statSync(path, { throwIfNoEntry: false }));
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0;
}

/** The last two are NixOS: what is setuid there, and all else. */
export const SYSTEM_DIRS: readonly string[] =
  process.platform === 'win32'
    ? [`${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32`]
    : ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/run/wrappers/bin', '/run/current-system/sw/bin'];

/**
 * Where exec searches for a command's program. As execvp(3): an empty directory of PATH is the working
 * directory. `cwd` is empty where it is ours. Pure.
 */
export function programPaths(
  file: string,
  cwd: string,
  { PATH = DEFAULT_PATH }: NodeJS.ProcessEnv,
): string[] {
  if (file === '') return [];
  const dirs = file.includes('/') ? [''] : PATH.split(delimiter);
  return dirs.map((dir) => (cwd === '' ? join(dir, file) : resolve(cwd, dir, file)));
}

const DEFAULT_PATH = '/usr/bin:/bin';
