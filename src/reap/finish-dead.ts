// Finishes what removers of sessions that died had begun. They may have died between their rename and their
// second look, so each session is judged again. What has to stay is given back to its place.
import { basename } from 'node:path';
import { fs, quietly } from '../fs.js';
import type { Candidate } from '../judge/candidates.js';
import type { Policy } from '../options.js';
import { shellQuote } from '../quote.js';
import type { SessionEnd } from '../receipt/receipt.js';
import type { Failure } from '../remove/failure.js';
import { tmpDir, trashDir } from '../root/layout.js';
import type { Claim, Thing } from '../take/claim.js';
import { deadSessions, takeOverSessions, UNFINISHED } from '../take/dead-claims.js';
import { finishClaims, type Road } from '../take/finish.js';
import { alsoForWork } from '../take/obstacles.js';
import { sizeOf } from '../tree/measure.js';
import { judgeAgain, outcomeOf } from './take-sessions.js';

/** Finishes, or gives back, sessions in the trash that nobody has in hand; a dry run names them. */
export async function finishSessions(
  roots: readonly string[],
  { isDryRun = false, work, ...options }: Policy & { isDryRun?: boolean },
): Promise<SessionEnd[]> {
  if (isDryRun) return wouldFinish(roots);
  if (options.isWanted?.() === false) return [];
  const found = new Map<Thing, Candidate>();
  const lookAgain: Road['lookAgain'] = async (claims) => {
    const judged = await judgeAgain(claims, { ...options, work: 'remove' }); // looked for then
    return (claim) => {
      const candidate = judged(claim);
      if (candidate) found.set(claim.thing, candidate);
      return whyItStays(claim, candidate);
    };
  };
  const all = await finishClaims(roots.flatMap(takeOverSessions), {
    // What a living owner has left to others it has searched itself.
    lookAgain: alsoForWork(lookAgain, work, ({ thing, at }) =>
      found.get(thing)?.state === 'orphan' ? { dir: tmpDir(at), was: tmpDir(thing.path) } : undefined,
    ),
    measures: true,
  });
  return all.flatMap((taken) => {
    const { path: dir, base: root } = taken.thing;
    const candidate = found.get(taken.thing);
    const more = { reason: UNFINISHED, left: candidate?.remaining ?? [] };
    return outcomeOf(candidate ?? { id: basename(dir), root, dir }, taken, more) ?? [];
  });
}

/** A `.trash` that is no directory, or a link, is not ours to move. Sessions are then removed in place. */
export function strangeTrash(root: string): Failure[] {
  const path = trashDir(root);
  const there = quietly(() => fs.lstatSync(path, { throwIfNoEntry: false }));
  if (!there || there.isDirectory()) return [];
  return [{ path, reason: 'is no directory of ours', hint: `mv ${shellQuote(path)} ~/` }];
}

/**
 * Undefined where it may go: it is an orphan, or its TMPDIR is gone (a remover takes the lease last, so it
 * was nearly done), or its living owner has ended it and left the removal to others.
 */
function whyItStays({ at }: Claim, judged: Candidate | undefined): string | undefined {
  if (!fs.existsSync(tmpDir(at)) || judged?.state === 'orphan') return undefined;
  if (!judged) return 'not-ours'; // no good lease, and more than our own files: nobody looked who uses it
  const { remaining, state, reason } = judged;
  const { lease } = judged.found;
  const hasEnded = lease?.ending !== undefined && lease.keep === undefined;
  const isLeftToUs = state === 'live' && hasEnded && remaining.length === 0;
  return isLeftToUs ? undefined : reason;
}

const wouldFinish = (roots: readonly string[]): Promise<SessionEnd[]> =>
  Promise.all(
    roots.flatMap((root) =>
      deadSessions(root).map(async ({ id, path: dir }) => {
        const more = { reason: UNFINISHED, ...(await sizeOf(dir)) };
        return { session: { id, root, dir }, end: { state: 'removed' as const }, more };
      }),
    ),
  );
