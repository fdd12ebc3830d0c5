// What happened to a thing on the road to removal.
import { fs, systemCode } from '../fs.js';
import { type Failure, moveFailure } from '../remove/failure.js';
import type { Size } from '../tree/reclaimable.js';
import type { TempRepository, Work } from '../work/work.js';
import { leadsElsewhere, type Thing } from './claim.js';

export interface Taken {
  thing: Thing;
  /** `gone`: somebody was faster. `used`: it stays, for `reason`. `work`: all goes but what is in `work`. */
  outcome: 'removed' | 'gone' | 'used' | 'work' | 'failed';
  reason?: string;
  failed: Failure[];
  /** What stays; where the road was to `tell`, what is not in its place any more. */
  work: Work[];
  /** What went with it, or would have. */
  repositories?: TempRepository[];
  /** What its removal was to free, where the road measures that. */
  size?: Size | undefined;
}

export const taken = (thing: Thing, outcome: Taken['outcome'], more: Partial<Taken> = {}): Taken => ({
  thing,
  outcome,
  failed: [],
  work: [],
  ...more,
});

/** Not claimed because of `error`. When it is gone, perhaps with its root, somebody was faster. */
export function unclaimed(thing: Thing, error: unknown): Taken {
  const isThere = systemCode(error) === 'EILSEQ' || (!leadsElsewhere(error) && fs.existsSync(thing.path));
  return isThere
    ? taken(thing, 'failed', { failed: [moveFailure(thing.path, error)] })
    : taken(thing, 'gone');
}

/** Why a session stays that got work since the first look, or could not be searched to its end. */
export const WORKTREE = 'worktree';
export const WORK_UNSEEN = 'work-unseen';
export const ABOUT_WORK: ReadonlySet<string> = new Set([WORKTREE, WORK_UNSEEN]);
