// Removes sessions that were judged to be orphans, by the one road. The verdicts came from one look at the
// processes, and while the first of many is removed somebody may come back to the last. So the second look
// judges each once more, where it lies in the trash.
import { basename } from 'node:path';
import type { Remaining } from '../end/remaining.js';
import { type Candidate, judgeSessions } from '../judge/candidates.js';
import type { Policy } from '../options.js';
import type { SessionEnd } from '../receipt/receipt.js';
import type { Claim, Thing } from '../take/claim.js';
import { type Taken, take } from '../take/take.js';

export interface TakenSession {
  candidate: Candidate;
  taken: Taken;
  /** Undefined where there is nothing to say of it: it stays, or somebody was faster. */
  outcome: SessionEnd | undefined;
}

/** Removes `orphans`; says of each what became of it. */
export async function takeSessions(
  orphans: readonly Candidate[],
  { work, isWanted, ...judging }: Policy,
): Promise<TakenSession[]> {
  const things = new Map<Thing, Candidate>(
    orphans.map((one) => [{ kind: 'session', path: one.dir, base: one.root }, one]),
  );
  const all = await take([...things.keys()], {
    work,
    isWanted,
    lookAgain: async (claims) => {
      const judged = await judgeAgain(claims, { ...judging, work: 'remove' }); // looked for just now
      return (claim) => {
        const verdict = judged(claim); // none where it vanished under us
        return verdict === undefined || verdict.state === 'orphan' ? undefined : verdict.reason;
      };
    },
    measures: true,
  });
  return all.map((taken) => {
    const candidate = things.get(taken.thing) as Candidate;
    const { reason, remaining: left } = candidate;
    const outcome = outcomeOf(candidate, taken, { reason, left });
    return { candidate, taken, outcome };
  });
}

/** What the road to removal came to for one session. */
export function outcomeOf(
  session: SessionEnd['session'],
  { outcome, failed, repositories = [], size }: Taken,
  { left = [], ...more }: SessionEnd['more'] & { left?: Remaining[] },
): SessionEnd | undefined {
  const went = repositories.length > 0 && { repositories };
  if (outcome === 'removed')
    return { session, end: { state: 'removed', ...went }, more: { ...more, ...size } };
  return failed.length > 0 ? { session, end: { state: 'failed', left, failed } } : undefined;
}

/** The verdict on each claim as things are now. */
export async function judgeAgain(
  claims: readonly Claim[],
  policy: Policy,
): Promise<(claim: Claim) => Candidate | undefined> {
  const moved = claims.map(({ thing: { path, base }, at }) => {
    return { id: basename(path), root: base, dir: path, at };
  });
  const roots = [...new Set(moved.map(({ root }) => root))];
  const found = await judgeSessions(moved, { ...policy, roots });
  const byPlace = new Map(found.map((candidate) => [candidate.at, candidate]));
  return ({ at }) => byPlace.get(at);
}
