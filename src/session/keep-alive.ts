// While a session lives: its lease is touched (the heartbeat for those who cannot see our pid), and a TMPDIR that
// somebody removed is made again, since an agent without one fails in silence. lstat on a timer; a file watcher would
// hold descriptors and misses what a cleaner does to the parents.
import { codeOf, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { prepareRoot } from '../root/guard.js';
import { leaseFile, tmpDir } from '../root/layout.js';

export interface KeepAliveOptions {
  root: string;
  /** Session directory. */
  dir: string;
  /** Asked each time: it changes. */
  lease(): Lease;
  /** False once the agent is gone: what was removed then (`qw-tmp rm --force`) stays removed. */
  isWanted(): boolean;
}

/** Starts both; gives the undo. */
export function keepAlive({ root, dir, lease, isWanted }: KeepAliveOptions): () => void {
  const heart = setInterval(() => quietly(() => touch(dir)), HEARTBEAT_MS).unref();
  const eye = setInterval(() => quietly(() => isWanted() && restore(root, dir, lease())), LOOK_MS).unref();
  return () => {
    clearInterval(heart);
    clearInterval(eye);
  };
}

/** Makes again what is missing of root, session directory, lease and TMPDIR. */
export function restore(root: string, dir: string, lease: Lease): void {
  if (exists(tmpDir(dir)) && exists(leaseFile(dir))) return;
  prepareRoot(root);
  makeDir(dir);
  if (!exists(leaseFile(dir))) writeLease(dir, lease);
  makeDir(tmpDir(dir));
}

function touch(dir: string): void {
  const now = Date.now() / 1000;
  fs.utimesSync(leaseFile(dir), now, now);
}

function makeDir(path: string): void {
  try {
    fs.mkdirSync(path, 0o700);
    fs.chmodSync(path, 0o700); // the umask may have taken from it
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** A link or file in its place counts as there: we do not fight over it. */
function exists(path: string): boolean {
  try {
    fs.lstatSync(path);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ENOENT';
  }
}

/** A full disk or a root that became unsafe must not end the agent; the next look tries again. */
function quietly(action: () => unknown): void {
  try {
    action();
  } catch {
    // tried again at the next interval
  }
}

export const HEARTBEAT_MS = 10 * 60_000;
const LOOK_MS = 30_000; // "within a minute"
