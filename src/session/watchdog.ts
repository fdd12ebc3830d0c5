// Notices our death, SIGKILL included: an idle `sh` blocked on reading a pipe whose other end dies with us.
// It gets nothing of a session but its path, so it is no member of one; in its own session and double-forked,
// no signal to our group and no walk of our tree reaches it. One serves all sessions of this process, from
// before the first directory is made until the last one is gone. It holds a lock in each of their roots, for
// those who cannot see us.
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Owner } from '../lease/lease.js';
import { ownOwner } from '../lease/owner.js';
import { launch } from '../process/exec.js';
import { OWN_NODE, SHELL } from '../process/find-tool.js';
import { findFlock, makeLock, removeLock } from '../process/lock.js';
import { binsDirectory, finisherIn, startFinisher } from '../process/own-programs.js';
import { lockFile, lockName } from '../root/layout.js';
import { isInsideSession } from '../root/roots.js';
import type { Announce } from './create.js';

let watchdog: Watchdog | undefined;
let sessions = 0;

/**
 * Opens a session under the watchdog's eyes, until `onGone` is called. `open` is synchronous: the watchdog
 * remembers only the last directory announced, the one that may not have a lease yet.
 */
export function watched<T>(wanted: boolean, open: (announce: Announce, onGone: () => void) => T): T {
  if (!wanted) return open(nothing, nothing);
  sessions += 1;
  try {
    watchdog ??= startWatchdog();
    return open((dir) => watchdog?.opening(dir), leave);
  } catch (error) {
    leave();
    throw error;
  }
}

const nothing = () => undefined;

function leave(): void {
  sessions -= 1;
  if (sessions > 0) return;
  watchdog?.dismiss();
  watchdog = undefined;
}

/** What a watchdog does after our death, once and without one: for the moment of our own exit. */
export const finishAfterUs = (roots: readonly string[]): void =>
  startFinisher([wordFor(ownOwner()), '', ...roots]);

const wordFor = ({ pid, startTime, bootId }: Owner): string => `${pid}:${startTime}:${bootId}`;

interface Watchdog {
  /**
   * To be said before the session's directory is made: without a lease yet, only this names it as ours. The
   * lock it gives the name of is held in its root from then on.
   */
  opening: Announce;
  /** No session is left: it may go. Without this, the pipe's end means that we died. */
  dismiss(): void;
}

/** Undefined where none can be had: the reaper finds what we may leave. */
function startWatchdog(): Watchdog | undefined {
  const bins = binsDirectory();
  if (process.platform === 'win32' || bins === undefined) return undefined;
  const owner = ownOwner();
  const lock = lockName(owner);
  const programs = [`${bins}/qw-watchdog.sh`, OWN_NODE, finisherIn(bins)];
  const args = [...programs, wordFor(owner), lock, findFlock() ?? ''];
  const child = launch(SHELL, args, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  return child && control(child, lock);
}

/** The pipe is descriptor 3: Node would close that to stdin when the first of the two forks exits. */
function control(child: ChildProcess, lock: string): Watchdog {
  const locks = new Map<string, boolean>();
  const pipe = child.stdio[3] as Socket;
  pipe.on('error', () => {}); // EPIPE: somebody killed it
  child.unref();
  pipe.unref();
  return {
    opening: (dir) => {
      const root = dirname(dir);
      const isLocked = locks.get(root) ?? makeLockIn(root, lock);
      locks.set(root, isLocked);
      pipe.write(`${dir}\n`);
      return isLocked ? lock : undefined;
    },
    dismiss: () => {
      for (const [root, isLocked] of locks) if (isLocked) removeLock(lockFile(root, lock));
      pipe.write('bye\n');
      // Later: taking a socket down loads what belongs to stdio, and mostly we are about to exit.
      setImmediate(() => pipe.destroy()).unref();
    },
  };
}

/** Not in a root inside a session: our lock would hold that one's TMPDIR. Who keeps that one keeps ours. */
export const makeLockIn = (root: string, lock: string): boolean =>
  !isInsideSession(root) && makeLock(lockFile(root, lock));
