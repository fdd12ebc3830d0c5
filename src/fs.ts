// The one door to the file system: every call that reads or changes it goes through this object, so all that
// qw-run can do to a disk is listed here, and a test can make any single call fail. All synchronous: a call
// costs microseconds, the promise API ten times that. What can take long yields to the event loop in between.
import * as node from 'node:fs';
import { constants } from 'node:os';
import { join, sep } from 'node:path';

export const fs = {
  accessSync: node.accessSync,
  chmodSync: node.chmodSync,
  closeSync: node.closeSync,
  existsSync: node.existsSync,
  fchmodSync: node.fchmodSync,
  futimesSync: node.futimesSync,
  fstatSync: node.fstatSync,
  fsyncSync: node.fsyncSync,
  linkSync: node.linkSync,
  lstatSync: node.lstatSync,
  lutimesSync: node.lutimesSync,
  mkdirSync: node.mkdirSync,
  opendirSync: node.opendirSync,
  openSync: node.openSync,
  readFileSync: node.readFileSync,
  readSync: node.readSync,
  readdirSync: node.readdirSync,
  readlinkSync: node.readlinkSync,
  realpathSync: node.realpathSync,
  renameSync: node.renameSync,
  rm: node.rm,
  rmdirSync: node.rmdirSync,
  statSync: node.statSync,
  statfsSync: node.statfsSync,
  unlinkSync: node.unlinkSync,
  unwatchFile: node.unwatchFile,
  watchFile: node.watchFile,
  writeFileSync: node.writeFileSync,
  writeSync: node.writeSync,
};

// O_NOFOLLOW, O_NONBLOCK and O_DIRECTORY are undefined on Windows, where `|` makes them 0.
export const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = node.constants;
export const { O_RDONLY, O_RDWR, O_WRONLY, R_OK, W_OK, X_OK } = node.constants;

// open(2); not among Node's constants.
/** A descriptor for a directory that need not be readable. */
export const O_PATH = 0o10000000;
/** Made with O_DIRECTORY, which differs by processor. 0 where there is none. */
export const O_TMPFILE = process.platform === 'linux' ? 0o20000000 | O_DIRECTORY : 0;

/** To read a file that anybody may have put there: no link is followed, no FIFO waited for. */
export const TO_READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
/** To make a file that is not there. */
export const TO_MAKE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

export type Stats = node.Stats;

/** The `code` of a system error (`ENOENT` …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  const { code, errno } = (error as NodeJS.ErrnoException | undefined) ?? {};
  return errno === -constants.errno.EDQUOT ? 'EDQUOT' : code; // libuv has no name for it
}

/** The same of an error that is one; anything else is a fault of ours, and goes on. */
export function systemCode(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) throw error;
  return code;
}

/** An error as the system throws it, for what we refuse without having asked it. */
export const systemError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });

/** Nothing more can be written: no blocks or inodes are left, or the quota is used up. */
export const isFullCode = (code: string | null | undefined): boolean =>
  code === 'ENOSPC' || code === 'EDQUOT';

/** Runs `call`; gives undefined where the path is not there or not ours to read. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (UNAVAILABLE.has(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** The same whatever the system refuses, also out of descriptors: for looks whose failure changes nothing. */
export function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    systemCode(error);
    return undefined;
  }
}

/** What is at `path`, of a link itself; undefined where nothing is there, or it is not ours to see. */
export const statOf = (path: string | Buffer): Stats | undefined =>
  attempt(() => fs.lstatSync(path, { throwIfNoEntry: false }));

/** Runs `use` with the file at `path` open; one that is made is for us alone. Throws the system's error. */
export function withFile<T>(path: string | Buffer, flags: number, use: (fd: number) => T): T {
  const fd = fs.openSync(path, flags, 0o600);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** At most `most` bytes of an open file, from `at` on. */
export function readAt(fd: number, most: number, at = 0): Buffer {
  const buffer = Buffer.alloc(most);
  return buffer.subarray(0, fs.readSync(fd, buffer, 0, most, at));
}

/** A directory that is held open: `base` is a name for it, whatever is put in its place meanwhile. */
export interface OpenDirectory {
  readonly base: string;
  close(): void;
}

/**
 * Holds the directory at `path` open. Where its descriptor is no name (not on Linux, or in a chroot without
 * procfs) its own path has to do. Throws the system's error; `ENOTDIR` for a link.
 */
export function openDirectory(path: string | Buffer): OpenDirectory & { stat: Stats } {
  const own = typeof path === 'string' ? path : path.toString('latin1');
  if (process.platform !== 'linux') {
    const stat = fs.lstatSync(path);
    if (stat.isDirectory()) return { base: own, stat, close: () => {} };
    throw systemError('ENOTDIR', `${own} is no directory`);
  }
  const fd = fs.openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const close = () => fs.closeSync(fd);
  try {
    hasProcfs ||= fs.existsSync('/proc/self/fd');
    return { base: hasProcfs ? `/proc/self/fd/${fd}` : own, stat: fs.fstatSync(fd), close };
  } catch (error) {
    close();
    throw error;
  }
}
let hasProcfs = false;

/** Runs `use` with something open, and closes that afterwards: after what `use` promises, too. */
export function whileOpen<O extends { close(): void }, T>(open: O, use: (open: O) => T): T {
  let result: T | undefined;
  try {
    result = use(open);
    return result instanceof Promise ? (result.finally(() => open.close()) as T) : result;
  } finally {
    if (!(result instanceof Promise)) open.close();
  }
}

/** Runs `use` with a name for the directory `dir`, held open meanwhile. Throws as `openDirectory`. */
export const inDirectory = <T>(dir: string | Buffer, use: (base: string) => T): T =>
  whileOpen(openDirectory(dir), ({ base }) => use(base));

/** Holds the directory at `path` open, which is at or below `base`: no link is followed from there on. */
export function openBelow(base: string, path: string): OpenDirectory {
  let open = openDirectory(base);
  for (const name of path.slice(base.length).split(sep).filter(Boolean)) {
    const above = open;
    try {
      open = openDirectory(join(above.base, name));
    } finally {
      above.close();
    }
  }
  return open;
}

/** Makes a directory of ours (0700), unless something is there. Throws the system's error. */
export function ensureDirectory(path: string): void {
  try {
    fs.mkdirSync(path, 0o700);
    fs.chmodSync(path, 0o700); // the umask may have taken from it
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Its path without links; undefined where nothing is there, as mostly: no error is thrown in vain. */
export const realPath = (path: string): string | undefined =>
  fs.existsSync(path) ? attempt(() => fs.realpathSync.native(path)) : undefined;

/** Text of a procfs file; undefined where it cannot be read. As utf8 it is one call into libuv, not three. */
export const readProc = (path: string): string | undefined => attempt(() => fs.readFileSync(path, UTF8));
const UTF8 = { encoding: 'utf8', flag: 'r' } as const; // a word would be made into this for each

/** The last one is Node's, for a path with a NUL: nothing can be there. */
const UNAVAILABLE = new Set(
  'ENOENT ENOTDIR ESRCH EACCES EPERM EINVAL ELOOP ENAMETOOLONG EIO ENODEV ENXIO ERR_INVALID_ARG_VALUE'.split(
    ' ',
  ),
);
