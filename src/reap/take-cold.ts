// Takes the things of one step away: each is claimed by a rename, looked at once more and removed, or put
// back.
import type { Failure } from '../remove/failure.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { takeUnits } from '../sweep/take-units.js';
import type { ColdSession, ColdThing, ColdUnit } from './cold.js';
import type { Step } from './pressure-steps.js';
import type { ReapInput } from './reap-input.js';
import { type Removed, takeSessions } from './take-sessions.js';

export interface Taken {
  removed: Removed[];
  swept: SweptUnit[];
  failed: Failure[];
}

/** Takes them, or tells what would be taken. */
export async function takeCold({ take, ageMs }: Step<ColdThing>, input: ReapInput): Promise<Taken> {
  const sessions = take.filter((thing): thing is ColdSession => 'session' in thing);
  const units = take.filter((thing): thing is ColdUnit => 'base' in thing);
  if (input.isDryRun) return { removed: sessions.map(asRemoved), swept: units.map(asSwept), failed: [] };
  const taken: Taken = { removed: [], swept: [], failed: [] };
  const orphans = sessions.map(({ session }) => session);
  const judging = { ...input, maxAgeMs: ageMs };
  const { failed } = await takeSessions(orphans, judging, (one) => taken.removed.push(one));
  taken.failed.push(...failed);
  for (const base of new Set(units.map((unit) => unit.base))) {
    const here = units.filter((unit) => unit.base === base);
    const result = await takeUnits(here.map(asSwept), { base, maxAgeMs: ageMs });
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
