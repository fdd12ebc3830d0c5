// Finishes what removers that died had begun. They may have died between their rename and their second look,
// so all is judged again: a session by the table, a unit by its age. What has to stay is given back to its
// place.
import { basename, join } from 'node:path';
import { fs, quietly } from '../fs.js';
import { shellQuote } from '../options.js';
import type { Failure } from '../remove/failure.js';
import { tmpDir, trashDir } from '../root/layout.js';
import type { SweptUnit } from '../sweep/find-stale.js';
import { asSwept, type SweepResult, staleAgain } from '../sweep/take-units.js';
import type { Claim, Thing } from '../take/claim.js';
import { deadSessions, deadUnits, takeOverSessions, takeOverUnits } from '../take/dead-claims.js';
import { finish } from '../take/finish.js';
import { measure } from '../tree/measure.js';
import type { Candidate } from './candidates.js';
import { judgeAgain, type Removed, type TakeOptions } from './take-sessions.js';

export interface Finished {
  removed: Removed[];
  failed: Failure[];
}

/**
 * Finishes, or gives back, the sessions in the trash of `roots` that nobody has in hand; a dry run tells
 * them.
 */
export async function finishSessions(
  roots: readonly string[],
  { isDryRun = false, ...options }: TakeOptions & { isDryRun?: boolean },
): Promise<Finished> {
  if (isDryRun) return { removed: await tellSessions(roots), failed: [] };
  const groups = roots.flatMap(takeOverSessions);
  const removed: Removed[] = [];
  const taken = await finish(groups, {
    lookAgain: async (claims) => {
      const judged = await judgeAgain(claims, options);
      return (claim) => whyItStays(claim, judged(claim));
    },
    onGoing: async ({ thing: { path, base }, at }) =>
      void removed.push({ id: basename(path), root: base, reason: UNFINISHED, ...(await briefly(at)) }),
  });
  for (const { close } of groups) close();
  const gone = new Set(taken.filter(({ outcome }) => outcome === 'removed').map(({ thing }) => thing.path));
  return {
    removed: removed.filter(({ id, root }) => gone.has(join(root, id))),
    failed: [...roots.flatMap(strangeTrash), ...taken.flatMap(({ failed }) => failed)],
  };
}

/**
 * What else is called `.trash`, a link too, is not ours to move. Sessions are removed where they are then.
 */
function strangeTrash(root: string): Failure[] {
  const path = trashDir(root);
  const there = quietly(() => fs.lstatSync(path, { throwIfNoEntry: false }));
  if (!there || there.isDirectory()) return [];
  return [{ path, reason: 'is no directory of ours', hint: `mv ${shellQuote(path)} ~/` }];
}

/** The same for units in `dirs`, which lie below `base`. */
export async function finishUnits(
  base: string,
  dirs: readonly string[],
  { maxAgeMs, isDryRun }: { maxAgeMs: number; isDryRun: boolean },
): Promise<SweepResult> {
  if (isDryRun) return { swept: await tellUnits(base, dirs), failed: [] };
  const groups = dirs.flatMap((dir) => takeOverUnits(base, dir));
  const units = new Map<string, SweptUnit>();
  const taken = await finish(groups, {
    lookAgain: (claims) => staleAgain(claims, maxAgeMs),
    onGoing: async ({ thing: { path }, at }) =>
      void units.set(path, { path, reason: UNFINISHED, ...(await briefly(at)) }),
  });
  for (const { close } of groups) close();
  return asSwept(taken, ({ thing: { path } }) => units.get(path) as SweptUnit);
}

/**
 * A remover takes the lease last: where there is none and no TMPDIR, it was all but through. A living owner
 * that has ended it left the removal to others.
 */
function whyItStays({ at }: Claim<Thing>, judged: Candidate | undefined): string | undefined {
  if (!fs.existsSync(tmpDir(at)) || judged?.state === 'orphan') return undefined;
  if (!judged) return 'not-ours'; // no good lease, and more than our own files: nobody looked who uses it
  const { found, remaining, state, work } = judged;
  const hasEnded =
    found.kind === 'good' && found.lease.ending !== undefined && found.lease.keep === undefined;
  const isLeftToUs = state === 'live' && hasEnded && remaining.length === 0 && work.length === 0;
  return isLeftToUs ? undefined : judged.reason;
}

const tellSessions = (roots: readonly string[]): Promise<Removed[]> =>
  Promise.all(
    roots.flatMap((root) =>
      deadSessions(root).map(async ({ id, path }) => ({
        id,
        root,
        reason: UNFINISHED,
        ...(await briefly(path)),
      })),
    ),
  );

const tellUnits = (base: string, dirs: readonly string[]): Promise<SweptUnit[]> =>
  Promise.all(
    dirs
      .flatMap((dir) => deadUnits(base, dir))
      .map(async (path) => ({ path, reason: UNFINISHED, ...(await briefly(path)) })),
  );

async function briefly(path: string): Promise<{ bytes: number; entries: number }> {
  const { bytes, entries } = await measure(path);
  return { bytes, entries };
}

const UNFINISHED = 'removal-unfinished';
