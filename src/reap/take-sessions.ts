// Removes sessions that were judged to be orphans, by the one road. The verdicts came from one look at the
// processes, and while the first of many is removed somebody may come back to the last. So the second look
// judges each once more, where it lies in the trash.
import { basename } from 'node:path';
import { type Candidate, judgeSessions } from '../judge/candidates.js';
import type { Policy } from '../options.js';
import type { Failure } from '../remove/failure.js';
import type { Claim, Thing } from '../take/claim.js';
import { take } from '../take/take.js';
import { sizeOf } from '../tree/measure.js';
import type { TempRepository } from '../work/work.js';

export interface Removed {
  id: string;
  root: string;
  reason: string;
  bytes: number;
  entries: number;
  /** Git repositories that lay wholly in it and went with it, where there were any. */
  repositories?: TempRepository[];
}

export interface TakenSessions {
  removed: Removed[];
  /** In use after all, or it cannot be told. */
  stayed: { candidate: Candidate; reason: string }[];
  failed: Failure[];
}

/** Removes `orphans`. */
export async function takeSessions(
  orphans: readonly Candidate[],
  { work, isWanted, ...judging }: Policy,
): Promise<TakenSessions> {
  const result: TakenSessions = { removed: [], stayed: [], failed: [] };
  const sizes = new Map<Thing, { bytes: number; entries: number }>();
  const things = orphans.map((candidate) => {
    return { kind: 'session' as const, path: candidate.dir, base: candidate.root, candidate };
  });
  const taken = await take(things, {
    work,
    isWanted,
    lookAgain: async (claims) => {
      const judged = await judgeAgain(claims, { ...judging, work: 'remove' }); // looked for just now
      return (claim) => {
        const verdict = judged(claim); // none where it vanished under us
        return verdict === undefined || verdict.state === 'orphan' ? undefined : verdict.reason;
      };
    },
    onGoing: async ({ thing, at }) => void sizes.set(thing, await sizeOf(at)),
  });
  for (const { thing, outcome, reason: why = '', repositories = [], failed } of taken) {
    const { candidate } = thing;
    const { id, root, reason } = candidate;
    const size = sizes.get(thing) ?? NO_SIZE;
    const went = repositories.length > 0 ? { repositories } : {};
    if (outcome === 'removed') result.removed.push({ id, root, reason, ...size, ...went });
    if (outcome === 'used') result.stayed.push({ candidate, reason: why });
    result.failed.push(...failed);
  }
  return result;
}

/** The verdict on each claim as things are now. */
export async function judgeAgain(
  claims: readonly Claim<Thing>[],
  policy: Policy,
): Promise<(claim: Claim<Thing>) => Candidate | undefined> {
  const moved = claims.map(({ thing: { path, base }, at }) => {
    return { id: basename(path), root: base, dir: path, at };
  });
  const roots = [...new Set(moved.map(({ root }) => root))];
  const found = await judgeSessions(moved, { ...policy, roots });
  const byPlace = new Map(found.map((candidate) => [candidate.at, candidate]));
  return ({ at }) => byPlace.get(at);
}

/** Of what vanished before it was measured. */
export const NO_SIZE = { bytes: 0, entries: 0 };
