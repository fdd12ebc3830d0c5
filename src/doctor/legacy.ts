// What agents left in the system's temp directory without us: by pattern, with its size and what of it the
// reaper would take. A temp directory may hold millions of entries: it is read by the piece, and all of it
// stops when time is up.
import { join } from 'node:path';
import { componentMatcher, components, globOf, type UnitPattern } from '../backends/patterns.js';
import { agentProfiles } from '../backends/profiles.js';
import { monotonicMs } from '../clock.js';
import { attempt, fs } from '../fs.js';
import { areAll } from '../names.js';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { readMounts, servedBelow } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';
import { findStale, type StaleQuestion } from '../sweep/find-stale.js';
import { findShapes } from '../sweep/find-units.js';
import { hasShape } from '../sweep/shape.js';
import { measure } from '../tree/measure.js';
import { type Finding, note, warning } from './finding.js';
import { LEFTOVERS } from './leftovers.js';
import { formatSizes, type Size, total } from './size.js';

export interface LegacyFacts {
  /** The temp directory. */
  dir: string;
  /** What their paths look like: `/tmp/claude-empty-*`. */
  pattern: string;
  maker: string;
  /** Entries of that name that are ours. */
  count: number;
  size: Size;
  /** The part that `qw-tmp reap --legacy` would take now. */
  stale: Size & { count: number };
}

export interface LegacyInput {
  dirs: readonly string[];
  maxAgeMs: number;
  /** As monotonicMs() has it. */
  until: number;
}

/** What is there, largest first; and which directories could not be read to their end. */
export async function examineLegacy(
  input: LegacyInput,
): Promise<{ legacy: LegacyFacts[]; unread: string[] }> {
  const { dirs, maxAgeMs, until } = input;
  // A third of the time for the names, the rest for what is behind them.
  const namesUntil = (2 * monotonicMs() + until) / 3;
  const lists = dirs.map((dir) => listOwn(dir, namesUntil));
  const groups = lists.flatMap((list) => list.groups);
  const table = await takeTable({ roots: [], dirs: new Set(dirs) });
  const legacy: LegacyFacts[] = [];
  for (const [index, group] of groups.entries()) {
    // Each its part of the time: one giant must not leave the others unseen.
    const part = (until - monotonicMs()) / (groups.length - index);
    legacy.push(await examineGroup(group, { table, maxAgeMs, until: monotonicMs() + part }));
  }
  legacy.sort((a, b) => b.size.bytes - a.size.bytes || b.size.entries - a.size.entries);
  return { legacy, unread: dirs.filter((_, index) => !lists[index]?.isWhole) };
}

/** A kind of leftover in a temp directory, and the units in it that the reaper takes. */
interface Kind {
  pattern: string;
  maker: string;
  isMatch(name: string): boolean;
  taken: UnitPattern[];
}

interface Group {
  dir: string;
  kind: Kind;
  paths: string[];
}

/** Ours in `dir` by the first pattern that fits; not whole where time was up. */
function listOwn(dir: string, until: number): { groups: Group[]; isWhole: boolean } {
  const groups = kindsOf().map((kind): Group => ({ dir, kind, paths: [] }));
  const isServed = servedBelow(dir, readMounts());
  let count = 0;
  const note = (name: string) => {
    const path = join(dir, name);
    const group = groups.find(({ kind }) => kind.isMatch(name));
    // What has a server that may be dead is not asked whose it is.
    if (group && !isServed(path) && isOwn(path, group.kind)) group.paths.push(path);
    count += 1;
    return count % NAMES_A_LOOK !== 0 || monotonicMs() <= until;
  };
  const isWhole = attempt(() => areAll(dir, note)) ?? true;
  return { groups: groups.filter(({ paths }) => paths.length > 0), isWhole };
}

const kindsOf = (): Kind[] =>
  LEFTOVERS.map((leftover) => ({
    ...leftover,
    isMatch: componentMatcher(leftover.pattern, ownUid()),
    taken: agentProfiles()
      .flatMap(({ legacy }) => legacy)
      .filter(({ path }) => components(path)[0] === leftover.pattern),
  }));

/** Ours, and not another's of that name. */
function isOwn(path: string, { pattern, taken }: Kind): boolean {
  if (attempt(() => fs.lstatSync(path))?.uid !== ownUid()) return false;
  const units = taken.filter((unit) => unit.path === pattern);
  return units.length === 0 || units.some(({ shape }) => hasShape(path, shape));
}

async function examineGroup(
  { dir, kind, paths }: Group,
  { maxAgeMs, until, table }: Omit<LegacyInput, 'dirs'> & { table: ProcessTable },
): Promise<LegacyFacts> {
  const { pattern, maker } = kind;
  const size = await measureAll(paths, (monotonicMs() + until) / 2);
  const { stale, isPartial } = await findStale({ ...unitsOf(kind, paths), table, maxAgeMs, until });
  const { bytes, entries } = total(stale.map((unit) => ({ ...unit, isPartial })));
  return {
    dir,
    pattern: join(dir, globOf(pattern, ownUid())),
    maker,
    count: paths.length,
    size,
    stale: { count: stale.length, bytes, entries, isPartial },
  };
}

async function measureAll(paths: readonly string[], until: number): Promise<Size> {
  const all: Size = { bytes: 0, entries: 0, isPartial: false };
  for (const path of paths) {
    const stat = attempt(() => fs.lstatSync(path));
    const { bytes, entries, isPartial } = await measure(path, { until });
    all.bytes += bytes + (stat?.blocks ?? 0) * 512;
    all.entries += entries + (stat ? 1 : 0);
    if (isPartial || monotonicMs() > until) return { ...all, isPartial: true };
  }
  return all;
}

/** What of these entries the reaper judges by itself: all of each, or parts below. */
function unitsOf(
  { pattern, taken }: Kind,
  paths: readonly string[],
): Pick<StaleQuestion, 'units' | 'shapes'> {
  if (taken.some(({ path }) => path === pattern)) return { units: paths };
  const below = taken.map(({ path, shape }) => ({ path: components(path).slice(1).join('/'), shape }));
  const shapes = new Map(paths.flatMap((path) => [...findShapes(path, below)]));
  return { units: [...shapes.keys()].sort(), shapes };
}

/** Pure. */
export function* legacyFindings(legacy: readonly LegacyFacts[]): Iterable<Finding> {
  const stale = legacy.filter((group) => group.stale.count > 0);
  if (stale.length === 0) return;
  const sizes = stale.map((group) => group.stale);
  const { bytes, entries } = total(sizes);
  const say = bytes >= MUCH_BYTES || entries >= MANY_ENTRIES ? warning : note;
  yield say('legacy', stale.map(({ pattern }) => pattern).join(', '), {
    text: `${formatSizes(sizes)} that agents left without qw-run, stale and used by nobody`,
    command: 'qw-tmp reap --legacy',
  });
}

const NAMES_A_LOOK = 1_024; // at the clock
const MUCH_BYTES = 64 * 2 ** 20;
const MANY_ENTRIES = 10_000; // a tmpfs has a million or less for all
