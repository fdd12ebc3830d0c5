// What may be evicted when a file system runs full: nobody uses it, nor did for an hour at least. It is found
// once; who uses a thing, and when it was used last, is looked at again when it is taken.
import { isByCommand, type UnitPattern } from '../backends/patterns.js';
import { agentProfiles, profileNamed } from '../backends/profiles.js';
import { attempt, fs } from '../fs.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import { ageIn, type SessionClock, WALL_CLOCK, wallAge } from '../process/session-clock.js';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { tmpDir } from '../root/layout.js';
import { findStale } from '../sweep/find-stale.js';
import { findUnits, otherEntries } from '../sweep/find-units.js';
import type { Evictable } from './eviction-steps.js';
import type { ReapInput } from './reap-options.js';

/** A file system, by what of ours is on it. */
export interface Volume {
  /** Its mount point. */
  name: string;
  /** Any directory there that we may write. */
  dir: string;
  roots: string[];
  /** Temp directories there in which what agents left may be taken. */
  legacyDirs: string[];
}

export interface EvictableThing extends Evictable {
  /** It lies below this one, which nobody but us can swap: its root or a temp directory. */
  base: string;
  /** It is a whole session; otherwise a unit. */
  session?: Candidate;
}

/**
 * Sessions without an owner, units and other entries of living sessions, what agents left without us.
 * `found`: all sessions, judged by the age that counts without pressure.
 */
export async function findEvictable(
  { roots, legacyDirs }: Pick<Volume, 'roots' | 'legacyDirs'>,
  found: readonly Candidate[],
  input: ReapInput,
): Promise<EvictableThing[]> {
  const table = await takeTable({ roots, dirs: new Set(legacyDirs) });
  const here = found.filter(({ root }) => roots.includes(root));
  const lists: EvictableThing[][] = [await evictableSessions(here, input, table)];
  for (const one of here.filter(isSweepable))
    lists.push(await evictableUnits(one.root, unitsOf(one), one.releaseOptions.clock, table));
  // Nothing that commands left: a person may come back to what was not used for an hour.
  const patterns = legacyPatterns(input).filter(({ shape }) => !isByCommand(shape));
  for (const dir of legacyDirs)
    lists.push(await evictableUnits(dir, findUnits(dir, patterns), WALL_CLOCK, table));
  return lists.flat();
}

/** What agents leave in the system's temp directory without us. */
export const legacyPatterns = ({ legacy: { backends } }: ReapInput): UnitPattern[] =>
  agentProfiles()
    .filter(({ name }) => backends.includes(name))
    .flatMap(({ legacy }) => legacy);

/** Only those whose age decides: rows 4, 7, 8 and 9 of the table. */
async function evictableSessions(
  here: readonly Candidate[],
  { spare, work }: ReapInput,
  { outside }: ProcessTable,
): Promise<EvictableThing[]> {
  if (outside.length > 0) return []; // whom we cannot see may still use one that is not so old
  const young = here.filter(({ state }) => AGED.has(state));
  const dirs = new Set(young.map(({ dir }) => dir));
  if (dirs.size === 0) return [];
  const again = await candidates({
    roots: [...new Set(young.map(({ root }) => root))],
    ...{ spare, work, maxAgeMs: MIN_MAX_AGE_MS },
    wants: ({ dir }) => dirs.has(dir),
  });
  return again
    .filter(({ state }) => state === 'orphan')
    .map((session) => {
      const { dir: path, root: base, lastUsedAt = Date.now(), size: { bytes, entries } = NO_SIZE } = session;
      return { path, base, lastUsedAt, bytes, entries, session };
    });
}

/**
 * A living session in which it can be seen who uses what. Unreadable processes may hold anything of it; an
 * isolated one is named by other paths inside, and its size has a limit of its own.
 */
export const isSweepable = ({ state, found, remaining }: Candidate): boolean =>
  state === 'live' &&
  found.lease !== undefined &&
  !found.lease.isolate &&
  !remaining.some(({ why }) => why === 'unreadable');

function unitsOf({ dir, root, releaseOptions: { lease } }: Candidate): string[] {
  const tmpdir = tmpDir(dir);
  const { units: patterns } = profileNamed(lease.backend);
  // Something is mounted in its place: what is removed there frees no room here.
  const isElsewhere = attempt(() => fs.statSync(tmpdir).dev) !== attempt(() => fs.statSync(root).dev);
  return isElsewhere ? [] : [...findUnits(tmpdir, patterns), ...otherEntries(tmpdir, patterns)];
}

async function evictableUnits(
  base: string,
  units: readonly string[],
  clock: SessionClock,
  table: ProcessTable,
): Promise<EvictableThing[]> {
  const maxAgeMs = wallAge(clock, MIN_MAX_AGE_MS);
  if (maxAgeMs === undefined) return []; // nothing in it is that old
  // Each one: a unit inside another may be colder, and goes first then.
  const { stale } = await findStale({ units, table, maxAgeMs, isEach: true });
  return stale.map(({ path, newestAt, bytes, entries }) => {
    const lastUsedAt = Date.now() - ageIn(clock, Date.now() - newestAt);
    return { path, base, lastUsedAt, bytes, entries };
  });
}

const NO_SIZE = { bytes: 0, entries: 0 };
const AGED = new Set(['foreign', 'unknown']);
