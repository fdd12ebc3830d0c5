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

export interface EvictableUnit extends Evictable {
  /** It lies below this one, which nobody but us can swap: its root or a temp directory. */
  base: string;
}

export interface EvictableSession extends Evictable {
  session: Candidate;
}

export type EvictableThing = EvictableUnit | EvictableSession;

export interface EvictionQuestion {
  /** All sessions, judged by the age that counts without pressure. */
  found: readonly Candidate[];
  /** Those on the file system in question. */
  roots: readonly string[];
  /** Temp directories there, where what agents left without us may be taken. */
  legacyDirs: readonly string[];
  input: ReapInput;
}

/** Sessions without an owner, units and other entries of living sessions, what agents left without us. */
export async function findEvictable(question: EvictionQuestion): Promise<EvictableThing[]> {
  const { found, roots, legacyDirs, input } = question;
  const table = await takeTable({ roots, dirs: new Set(legacyDirs) });
  const lists: EvictableThing[][] = [await evictableSessions(question)];
  for (const one of found)
    if (roots.includes(one.root) && isSweepable(one))
      lists.push(await evictableUnits(one.root, unitsOf(one), one.releaseOptions.clock, table));
  // Of commands' nothing: unused for an hour it may be what a person comes back to.
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
async function evictableSessions({ found, roots, input }: EvictionQuestion): Promise<EvictableSession[]> {
  const young = found.filter(({ root, state }) => roots.includes(root) && AGED.has(state));
  const dirs = new Set(young.map(({ dir }) => dir));
  if (dirs.size === 0) return [];
  const again = await candidates({
    roots,
    spare: input.spare,
    maxAgeMs: MIN_MAX_AGE_MS,
    work: input.work,
    wants: ({ dir }) => dirs.has(dir),
  });
  return again
    .filter(({ state }) => state === 'orphan')
    .map((session) => ({
      path: session.dir,
      lastUsedAt: session.lastUsedAt ?? Date.now(),
      bytes: session.size?.bytes ?? 0,
      entries: session.size?.entries ?? 0,
      session,
    }));
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
  // Something mounted in its place: what is freed there is no room here.
  const isElsewhere = attempt(() => fs.statSync(tmpdir).dev) !== attempt(() => fs.statSync(root).dev);
  return isElsewhere ? [] : [...findUnits(tmpdir, patterns), ...otherEntries(tmpdir, patterns)];
}

async function evictableUnits(
  base: string,
  units: readonly string[],
  clock: SessionClock,
  table: ProcessTable,
): Promise<EvictableUnit[]> {
  const maxAgeMs = wallAge(clock, MIN_MAX_AGE_MS);
  if (maxAgeMs === undefined) return []; // nothing in it is that old
  // Each: a unit in another one may be colder and go first.
  const { stale } = await findStale({ units, table, maxAgeMs, isEach: true });
  return stale.map(({ path, newestAt, bytes, entries }) => {
    const lastUsedAt = Date.now() - ageIn(clock, Date.now() - newestAt);
    return { path, base, lastUsedAt, bytes, entries };
  });
}

const AGED = new Set(['foreign', 'unknown']);
