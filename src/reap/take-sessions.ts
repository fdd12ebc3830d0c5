// Removes sessions that were judged to be orphans, by the one road. The verdicts came from one look at the
// processes; while the first of many is removed, somebody might come back to the last: the second look judges
// each once more, where it lies in the trash.
import { basename } from 'node:path';
import type { WorkChoice } from '../options.js';
import type { Failure } from '../remove/failure.js';
import type { Claim, Thing } from '../take/claim.js';
import { type Taken, take } from '../take/take.js';
import { measure } from '../tree/measure.js';
import type { Work } from '../work/work.js';
import { type Candidate, judgeSessions } from './candidates.js';

export interface Removed {
  id: string;
  root: string;
  reason: string;
  bytes: number;
  entries: number;
}

export interface TakeOptions {
  maxAgeMs: number;
  spare: readonly string[];
  work?: WorkChoice | undefined;
}

export interface TakenSessions {
  /** In use after all, or not to be told. */
  stayed: { candidate: Candidate; reason: string }[];
  /** What is left of them is work. */
  worked: { candidate: Candidate; work: Work[] }[];
  failed: Failure[];
}

interface SessionThing extends Thing {
  candidate: Candidate;
}

/** Removes `orphans`; `onRemoved` hears of each. */
export async function takeSessions(
  orphans: readonly Candidate[],
  { work, ...judging }: TakeOptions,
  onRemoved: (removed: Removed) => void,
): Promise<TakenSessions> {
  const sizes = new Map<string, { bytes: number; entries: number }>();
  const taken = await take(
    orphans.map(
      (candidate): SessionThing => ({
        kind: 'session',
        path: candidate.dir,
        base: candidate.root,
        candidate,
      }),
    ),
    {
      work,
      lookAgain: async (claims) => {
        const judged = await judgeAgain(claims, { ...judging, work: 'remove' }); // looked for just now
        return (claim) => {
          const { state, reason } = judged(claim) ?? GONE;
          return state === 'orphan' ? undefined : reason;
        };
      },
      onGoing: async ({ thing, at }) => {
        const { bytes, entries } = await measure(at);
        sizes.set(thing.path, { bytes, entries });
      },
    },
  );
  for (const { thing } of taken.filter(({ outcome }) => outcome === 'removed')) {
    const { id, root, reason } = thing.candidate;
    onRemoved({ id, root, reason, ...(sizes.get(thing.path) ?? { bytes: 0, entries: 0 }) });
  }
  return resultOf(taken);
}

/** The verdict on each claim as things are now. */
export async function judgeAgain(
  claims: readonly Claim<Thing>[],
  options: TakeOptions,
): Promise<(claim: Claim<Thing>) => Candidate | undefined> {
  const places = claims.map(({ thing: { path, base }, at }) => ({
    id: basename(path),
    root: base,
    dir: path,
    at,
  }));
  const found = await judgeSessions(places, {
    ...options,
    roots: [...new Set(places.map(({ root }) => root))],
  });
  const byPlace = new Map(found.map((candidate) => [candidate.at, candidate]));
  return ({ at }) => byPlace.get(at);
}

const resultOf = (taken: readonly Taken<SessionThing>[]): TakenSessions => ({
  stayed: taken
    .filter(({ outcome }) => outcome === 'used')
    .map(({ thing, reason = '' }) => ({ candidate: thing.candidate, reason })),
  worked: taken
    .filter(({ outcome }) => outcome === 'work')
    .map(({ thing, work }) => ({ candidate: thing.candidate, work })),
  failed: taken.flatMap(({ failed }) => failed),
});

/** It vanished under us. */
const GONE = { state: 'orphan', reason: '' };
