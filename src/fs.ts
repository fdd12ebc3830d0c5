// The one door to the file system: every call that reads or changes it goes through this object, so the list of
// what qw-run can do to a disk is here to read, and a test can make any single call fail or die (crash points).
// All synchronous: on the paths that matter here a call costs microseconds, the promise API ten times that. What
// can take long (removing, walking large trees) runs in a child process or yields to the event loop in between.
import * as node from 'node:fs';

export const fs = {
  appendFileSync: node.appendFileSync,
  chmodSync: node.chmodSync,
  closeSync: node.closeSync,
  existsSync: node.existsSync,
  fchmodSync: node.fchmodSync,
  fstatSync: node.fstatSync,
  lstatSync: node.lstatSync,
  mkdirSync: node.mkdirSync,
  openSync: node.openSync,
  readFileSync: node.readFileSync,
  readSync: node.readSync,
  readdirSync: node.readdirSync,
  readlinkSync: node.readlinkSync,
  realpathSync: node.realpathSync,
  renameSync: node.renameSync,
  rm: node.rm,
  statSync: node.statSync,
  unlinkSync: node.unlinkSync,
  utimesSync: node.utimesSync,
  writeSync: node.writeSync,
};

// O_NOFOLLOW, O_NONBLOCK and O_DIRECTORY are undefined on Windows, where `|` makes them 0.
export const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } =
  node.constants;

/** The `code` of a system error (`ENOENT` …), or undefined. */
export const codeOf = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | undefined)?.code;

/** Runs `call`; gives undefined where the path is not there or not ours to read. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}

const UNAVAILABLE = new Set([
  'ENOENT',
  'ENOTDIR',
  'ESRCH',
  'EACCES',
  'EPERM',
  'EINVAL',
  'ELOOP',
  'ENAMETOOLONG',
  'EIO',
  'ENODEV',
  'ENXIO',
]);
const isUnavailable = (error: unknown): boolean => UNAVAILABLE.has(codeOf(error) ?? '');
