// What happened to a thing on the road to removal.
import { fs, systemCode } from '../fs.js';
import { type Failure, moveFailure } from '../remove/failure.js';
import type { TempRepository, Work } from '../work/work.js';
import { leadsElsewhere, type Thing } from './claim.js';

export interface Taken<T extends Thing = Thing> {
  thing: T;
  /**
   * `gone`: somebody was faster. `used`: it stays, for `reason`. `work`: what is in `work` stays, the rest is
   * gone.
   */
  outcome: 'removed' | 'gone' | 'used' | 'work' | 'failed';
  reason?: string;
  failed: Failure[];
  /** What stays; where the road was to `tell`, what is not in its place any more. */
  work: Work[];
  /** What went with it, or would have. */
  repositories?: TempRepository[];
}

export const removed = <T extends Thing>(thing: T): Taken<T> => ({
  thing,
  outcome: 'removed',
  failed: [],
  work: [],
});

export const used = <T extends Thing>(thing: T, reason: string, failed: Failure[] = []): Taken<T> => ({
  thing,
  outcome: 'used',
  reason,
  failed,
  work: [],
});

export const failing = <T extends Thing>(thing: T, failed: Failure[]): Taken<T> => ({
  thing,
  outcome: 'failed',
  failed,
  work: [],
});

/** Not claimed because of `error`. Without one, or when it is gone, somebody was faster. */
export function unclaimed<T extends Thing>(thing: T, error: unknown): Taken<T> {
  if (error !== undefined) systemCode(error);
  // Not gone, perhaps with its root.
  const isThere = error !== undefined && !leadsElsewhere(error) && fs.existsSync(thing.path);
  return isThere ? failing(thing, [moveFailure(thing.path, error)]) : { ...removed(thing), outcome: 'gone' };
}
