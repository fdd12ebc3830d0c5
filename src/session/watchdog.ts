// Notices our death, SIGKILL included: an idle `sh` blocked on reading a pipe whose other end dies with us.
// It gets nothing of a session but its path, so it is no member of one; in its own session and double-forked,
// no signal to our group and no walk of our tree reaches it. One serves all sessions of this process, and
// holds a lock in each of their roots: for those who cannot see us.
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { ownOwner } from '../lease/owner.js';
import { binsDirectory } from '../process/bins.js';
import { launch, runDetached } from '../process/exec.js';
import { OWN_NODE, SHELL } from '../process/find-tool.js';
import { findFlock, makeLock, removeLock } from '../process/lock.js';
import { lockFile, lockName } from '../root/layout.js';
import { isInsideSession } from '../root/roots.js';

export interface Watchdog {
  /**
   * To be said before the session's directory is made: without a lease yet, only this names it as ours. Gives
   * the name of the lock that is held in its root from then on, if one can be.
   */
  opening(dir: string): string | undefined;
  /** No session is left: it may go. Without this, the pipe's end means that we died. */
  dismiss(): void;
}

/** What a watchdog does after our death, once and without one: for the moment of our own exit. */
export function finishAfterUs(roots: readonly string[]): void {
  const bins = binsDirectory();
  if (bins === undefined) return;
  const { pid, startTime, bootId } = ownOwner();
  const args = [`${bins}/qw-watchdog.cjs`, `${pid}:${startTime}:${bootId}`, '', ...roots];
  runDetached(OWN_NODE, args);
}

/**
 * Starts a watchdog for this process; undefined where none can be had: the reaper finds what we may leave.
 */
export function startWatchdog(): Watchdog | undefined {
  const bins = binsDirectory();
  if (process.platform === 'win32' || bins === undefined) return undefined;
  const owner = ownOwner();
  const { pid, startTime, bootId } = owner;
  const lock = lockName(owner);
  const args = [
    `${bins}/qw-watchdog.sh`,
    OWN_NODE,
    `${bins}/qw-watchdog.cjs`,
    `${pid}:${startTime}:${bootId}`,
    lock,
    findFlock() ?? '',
  ];
  const child = launch(SHELL, args, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  return child && control(child, lock);
}

/**
 * The pipe is descriptor 3: Node would close its end of a child's stdin when the first of the two forks
 * exits.
 */
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

/**
 * Not in a root inside a session: open there, our lock would hold that one's TMPDIR. Who keeps the outer
 * session keeps ours.
 */
const makeLockIn = (root: string, lock: string): boolean =>
  !isInsideSession(root) && makeLock(lockFile(root, lock));
