// Takes the things of one step away: each is claimed by a rename, looked at once more and removed, or put back.
import type { Failure } from '../remove/remove-tree.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { removeStale } from '../sweep/remove-stale.js';
import type { ColdSession, ColdThing, ColdUnit } from './cold.js';
import type { Step } from './pressure-steps.js';
import { type Removed, removeOrphans } from './remove-orphans.js';

export interface Taken {
  removed: Removed[];
  swept: SweptUnit[];
  failed: Failure[];
}

/** Takes them, or tells what would be taken. */
export async function takeCold({ take, ageMs }: Step<ColdThing>, isDryRun: boolean): Promise<Taken> {
  const sessions = take.filter((thing): thing is ColdSession => 'session' in thing);
  const units = take.filter((thing): thing is ColdUnit => 'base' in thing);
  if (isDryRun) return { removed: sessions.map(asRemoved), swept: units.map(asSwept), failed: [] };
  const taken: Taken = { removed: [], swept: [], failed: [] };
  const orphans = sessions.map(({ session }) => session);
  const { failed } = await removeOrphans(orphans, (one) => taken.removed.push(one));
  taken.failed.push(...failed);
  for (const base of new Set(units.map((unit) => unit.base))) {
    const here = units.filter((unit) => unit.base === base);
    const result = await removeStale(here.map(asSwept), {
      bases: [base],
      root: here[0]?.root,
      maxAgeMs: ageMs,
    });
    taken.swept.push(...result.swept);
    taken.failed.push(...result.failed);
  }
  return taken;
}

const asRemoved = ({ session, bytes, entries }: ColdSession): Removed => ({
  id: session.id,
  root: session.root,
  reason: session.reason,
  bytes,
  entries,
});

const asSwept = ({ path, bytes, entries }: ColdUnit): SweptUnit => ({
  path,
  reason: 'pressure',
  bytes,
  entries,
});
