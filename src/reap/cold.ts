// What could go when a file system runs full: nobody uses it, and nobody has for an hour at least. Found
// once; who uses a thing and when it was used last are looked at again when it is taken.
import { agentProfiles, profileNamed } from '../backends/profiles.js';
import { attempt, fs } from '../fs.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import { ageIn, type SessionClock, WALL_CLOCK, wallAge } from '../process/session-clock.js';
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';
import { findStale } from '../sweep/find-stale.js';
import { findUnits, otherEntries } from '../sweep/find-units.js';
import { type Candidate, candidates } from './candidates.js';
import type { Cold } from './pressure-steps.js';
import type { ReapInput } from './reap-input.js';

export interface ColdUnit extends Cold, Whereabouts {}

interface Whereabouts {
  /** It lies below this one, which nobody but us can swap: its root or a temp directory. */
  base: string;
}

export interface ColdSession extends Cold {
  session: Candidate;
}

export type ColdThing = ColdUnit | ColdSession;

export interface ColdQuestion {
  /** All sessions, judged by the age that counts without pressure. */
  found: readonly Candidate[];
  /** Those on the file system in question. */
  roots: readonly string[];
  /** Temp directories there, where what agents left without us may be taken. */
  legacyDirs: readonly string[];
  input: ReapInput;
}

/** Sessions without an owner, units of living sessions and their other entries, leavings of agents. */
export async function findCold(question: ColdQuestion): Promise<ColdThing[]> {
  const { legacyDirs, roots } = question;
  const snapshot = await takeSnapshot({ roots, dirs: new Set(legacyDirs) });
  return [...(await coldSessions(question)), ...(await coldUnits(placesIn(question), snapshot))];
}

/** Only those whose age decides: rows 4, 7, 8 and 9 of the table. */
async function coldSessions({ found, roots, input }: ColdQuestion): Promise<ColdSession[]> {
  const young = found.filter(({ root, state }) => roots.includes(root) && AGED.has(state));
  const dirs = new Set(young.map(({ dir }) => dir));
  if (dirs.size === 0) return [];
  const again = await candidates({
    roots,
    spare: input.spare,
    maxAgeMs: MIN_MAX_AGE_MS,
    work: input.work,
    wants: (dir) => dirs.has(dir),
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

interface UnitPlace extends Whereabouts {
  units: string[];
  clock: SessionClock;
}

function placesIn({ found, roots, legacyDirs, input }: ColdQuestion): UnitPlace[] {
  const living = found.filter((candidate) => roots.includes(candidate.root) && isSweepable(candidate));
  const patterns = agentProfiles()
    .filter(({ name }) => input.legacy.backends.includes(name))
    .flatMap(({ legacy }) => legacy);
  return [
    ...living.map((candidate) => ({
      base: candidate.root,
      units: unitsOf(candidate),
      clock: candidate.releaseOptions.clock ?? WALL_CLOCK,
    })),
    ...legacyDirs.map((dir) => ({ base: dir, units: findUnits(dir, patterns), clock: WALL_CLOCK })),
  ];
}

/**
 * A living session in which it can be seen who uses what. Unreadable processes may hold anything of it; an
 * isolated one is named by other paths inside, and its size has a limit of its own.
 */
export const isSweepable = ({ state, found, remaining }: Candidate): boolean =>
  state === 'live' &&
  found.kind === 'good' &&
  !found.lease.isolate &&
  !remaining.some(({ why }) => why === 'unreadable');

function unitsOf({ dir, root, found }: Candidate): string[] {
  const tmpdir = tmpDir(dir);
  const patterns = found.kind === 'good' ? profileNamed(found.lease.backend).units : [];
  // Something mounted in its place: what is freed there is no room here.
  const isElsewhere = attempt(() => fs.statSync(tmpdir).dev) !== attempt(() => fs.statSync(root).dev);
  return isElsewhere ? [] : [...findUnits(tmpdir, patterns), ...otherEntries(tmpdir, patterns)];
}

async function coldUnits(places: readonly UnitPlace[], snapshot: Snapshot): Promise<ColdUnit[]> {
  const cold: ColdUnit[] = [];
  for (const { base, units, clock } of places) {
    const maxAgeMs = wallAge(clock, MIN_MAX_AGE_MS);
    if (maxAgeMs === undefined) continue; // nothing in it is that old
    for (const path of units) {
      // One by one: a unit in another one may be colder and go first.
      const { stale } = await findStale({ units: [path], snapshot, maxAgeMs });
      for (const { newestAt, bytes, entries } of stale) {
        const lastUsedAt = Date.now() - ageIn(clock, Date.now() - newestAt);
        cold.push({ path, base, lastUsedAt, bytes, entries });
      }
    }
  }
  return cold;
}

const AGED = new Set(['foreign', 'unknown']);
