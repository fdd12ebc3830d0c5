// While a session lives: its lease is touched (the heartbeat for those who cannot see our pid), and a TMPDIR
// that somebody removed is made again, since an agent without one fails in silence. The session directory is
// stat'ed now and then, by libuv: we wake only when it changed. A timer of ours would take more than twice
// the processor time, nearly all that an idle wrapper may take. inotify(7) would cost nothing in between, but
// has limits that a user's editor uses up, hears nothing over a network, and misses what a cleaner does to
// the parents.
import { unlessItFails } from '../errors.js';
import { codeOf, ensureDirectory, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { prepareRoot } from '../root/guard.js';
import { leaseFile, tmpDir } from '../root/layout.js';
import { inodeOf, mark, readMarker } from '../root/marker.js';

export interface KeepAliveOptions {
  root: string;
  /** Session directory. */
  dir: string;
  /** Asked each time: it changes. */
  lease(): Lease;
  /** False once the agent is gone: what was removed then (`qw-tmp rm --force`) stays removed. */
  isWanted(): boolean;
  /** Every ten minutes. */
  onBeat(): void;
}

/** Gives the undo. A full disk, an unsafe root, no descriptor: all is tried again, nothing ends the agent. */
export function keepAlive({ root, dir, lease, isWanted, onBeat }: KeepAliveOptions): () => void {
  const home: Home = { root, inode: inodeOf(root) };
  const beat = () => {
    unlessItFails(() => touch(dir));
    unlessItFails(() => restoreMarker(home));
    unlessItFails(onBeat);
  };
  const heart = setInterval(beat, HEARTBEAT_MS).unref();
  let next = setTimeout(watch, SETTLED_MS).unref();
  /** From now on; what vanishes before its first stat is no change: so we look ourselves later, once. */
  function watch(): void {
    fs.unwatchFile(dir, look);
    fs.watchFile(dir, { interval: LOOK_MS, persistent: false }, look);
    next = setTimeout(look, LOOK_MS).unref();
  }
  function look(): void {
    clearTimeout(next);
    const isWhole = unlessItFails(() => (isWanted() ? restore(home, dir, lease()) : undefined));
    // Made again and gone once more before the next stat would be no change either.
    if (isWhole === false) watch();
    // Not wanted, or not possible: it may still be missing, which a watcher made now would report at once,
    // again and again.
    if (isWhole === undefined) next = setTimeout(look, LOOK_MS).unref();
  }
  return () => {
    clearInterval(heart);
    clearTimeout(next);
    fs.unwatchFile(dir, look);
    unlessItFails(() => restoreMarker(home)); // nothing is removed from a root without one
  };
}

/** A root, and the directory that it was when we opened a session there. */
interface Home {
  root: string;
  inode: bigint | undefined;
}

/** Makes again what is missing of root, session directory, lease and TMPDIR; false when something was. */
function restore(home: Home, dir: string, lease: Lease): boolean {
  restoreMarker(home);
  if (exists(tmpDir(dir)) && exists(leaseFile(dir))) return true;
  prepareRoot(home.root);
  home.inode = inodeOf(home.root);
  ensureDirectory(dir);
  if (!exists(leaseFile(dir))) writeLease(dir, lease);
  ensureDirectory(tmpDir(dir));
  return false;
}

/** Without its marker nobody looks after a root. Not in a directory that took its place. */
function restoreMarker({ root, inode }: Home): void {
  if (inode !== undefined && inodeOf(root) === inode && readMarker(root).kind === 'none') mark(root);
}

function touch(dir: string): void {
  const now = Date.now() / 1000;
  fs.lutimesSync(leaseFile(dir), now, now); // a link that the agent put there leads nowhere
}

/** A link or file in its place counts as there: we do not fight about it. */
function exists(path: string): boolean {
  try {
    fs.lstatSync(path);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ENOENT';
  }
}

export const HEARTBEAT_MS = 10 * 60_000;
const LOOK_MS = 50_000; // "within a minute"
const SETTLED_MS = 1_000; // the agent is to start first; many sessions are over by then
