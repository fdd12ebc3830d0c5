// The second look for work. The first took its time, and many sessions are looked through before they are
// claimed: a worktree may have come meanwhile. Once a session is claimed nobody finds its old name any more,
// and whoever is in it is found by the look at processes.
import type { WorkChoice } from '../options.js';
import { tmpDir } from '../root/layout.js';
import { lookEverywhere } from './before-claim.js';
import type { Claim, Thing } from './claim.js';
import type { Road } from './finish.js';

/** Why a session stays that got work since the first look. */
export const WORKTREE = 'worktree';

/** `lookAgain`, and for sessions a look for work before it, unless that is temp, too. */
export function alsoForWork<T extends Thing>(
  lookAgain: Road<T>['lookAgain'],
  choice: WorkChoice | undefined,
): Road<T>['lookAgain'] {
  if (choice === 'remove') return lookAgain;
  return async (claims) => {
    const reasons = new Map<Claim<T>, string>();
    for (const claim of claims) {
      const reason = claim.thing.kind === 'session' ? await workIn(claim) : undefined;
      if (reason) reasons.set(claim, reason);
    }
    const others = await lookAgain(claims.filter((claim) => !reasons.has(claim)));
    return (claim) => reasons.get(claim) ?? others(claim);
  };
}

async function workIn({ at }: Claim): Promise<string | undefined> {
  const { work, isPartial } = await lookEverywhere(tmpDir(at));
  if (work.length > 0) return WORKTREE;
  return isPartial ? 'work-unseen' : undefined;
}
