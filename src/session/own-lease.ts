// The lease of a session that is open here: what it says now, in our memory and on disk.
import { unlessItFails } from '../errors.js';
import type { Lease } from '../lease/lease.js';
import { markEnding, writeLease } from '../lease/lease-file.js';
import { noteChange } from './session-ends.js';

export interface OwnLease {
  now(): Lease;
  /** What is undefined is left out from now on. */
  update(changes: Changes): void;
  /** The end has begun: said once and quickly, for whoever takes over from us. */
  setEnding(): void;
  /** The lease says so itself, for whoever reads it otherwise. */
  writeEnding(): void;
}

type Changes = { [Field in keyof Lease]?: Lease[Field] | undefined };

export function ownLease(dir: string, first: Lease): OwnLease {
  let lease = first;
  return {
    now: () => lease,
    update: (changes) => {
      noteChange();
      lease = { ...lease, ...changes } as Lease;
      rewrite(dir, lease);
    },
    setEnding: () => {
      if (lease.ending) return;
      noteChange();
      const before = lease;
      lease = { ...lease, ending: new Date().toISOString() };
      // Not where it is gone, or a link.
      if (unlessItFails(() => markEnding(dir, before)) !== true) rewrite(dir, lease);
    },
    writeEnding: () => rewrite(dir, lease),
  };
}

/** On a full disk the old one stays, which names us as the owner: what is new is in our memory. */
const rewrite = (dir: string, lease: Lease): void => unlessItFails(() => writeLease(dir, lease));
