// The lease of a session that is open here: what it says now, in our memory and on disk.
import { unlessItFails } from '../errors.js';
import type { Lease } from '../lease/lease.js';
import { markEnding, writeLease } from '../lease/lease-file.js';
import { noteChange } from './session-ends.js';

export interface OwnLease {
  now(): Lease;
  update(changes: Partial<Lease>): void;
  /** The end has begun: said once and quickly, for whoever takes over from us. */
  setEnding(): void;
  /** The lease says so itself, for whoever reads it otherwise. */
  writeEnding(): void;
  /** Whether TMPDIR is to stay: known to whoever ends the session instead of us. */
  setKeep(keep: boolean): void;
}

export function ownLease(dir: string, first: Lease): OwnLease {
  let lease = first;
  const change = (changed: Lease) => {
    noteChange();
    lease = changed;
    rewrite(dir, lease);
  };
  return {
    now: () => lease,
    update: (changes) => change({ ...lease, ...changes }),
    setEnding: () => {
      if (lease.ending) return;
      noteChange();
      const before = lease;
      lease = { ...lease, ending: new Date().toISOString() };
      if (!isMarked(dir, before)) rewrite(dir, lease);
    },
    writeEnding: () => rewrite(dir, lease),
    setKeep: (keep) => {
      const { keep: _before, ...rest } = lease;
      change(keep ? { ...rest, keep } : rest);
    },
  };
}

/** Not where it is gone, or a link. */
const isMarked = (dir: string, lease: Lease): boolean => unlessItFails(() => markEnding(dir, lease)) === true;

/**
 * The session goes on without its newest lease when the disk is full: what it says is still in our memory.
 * The old one stays in place, and it names us as the owner.
 */
const rewrite = (dir: string, lease: Lease): void => unlessItFails(() => writeLease(dir, lease));
