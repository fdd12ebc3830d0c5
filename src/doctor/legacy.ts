// What agents left in the system's temp directory without us: by pattern, with its size and what of it the
// reaper would take. A temp directory may hold millions of entries: it is read by the piece, and all of it
// stops when time is up.

import { join } from 'node:path';
import { componentMatcher, components, globOf, type UnitPattern } from '../backends/patterns.js';
import { agentProfiles } from '../backends/profiles.js';
import { monotonicMs } from '../clock.js';
import { attempt, fs } from '../fs.js';
import type { ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { readMounts, servedBelow } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';
import { findStale, type StaleQuestion } from '../sweep/find-stale.js';
import { findShapes } from '../sweep/find-units.js';
import { hasShape } from '../sweep/shape.js';
import { measure } from '../tree/measure.js';
import { LEFTOVERS, type Leftover } from './leftovers.js';
import { type Size, total } from './size.js';

export interface LegacyFacts {
  /** The temp directory. */
  dir: string;
  /** What their paths look like: `/tmp/claude-empty-*`. */
  pattern: string;
  maker: string;
  isShared: boolean;
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

interface Group {
  dir: string;
  leftover: Leftover;
  names: string[];
}

/** Ours in `dir` by the first pattern that fits, read by the piece. */
function listOwn(dir: string, until: number): { groups: Group[]; isWhole: boolean } {
  const handle = attempt(() => fs.opendirSync(dir, { bufferSize: 1_024 }));
  if (!handle) return { groups: [], isWhole: true };
  const groups = new Map<Leftover, Group>();
  const place = grouper(dir, groups, servedBelow(dir, readMounts()));
  try {
    let count = 0;
    for (let entry = handle.readSync(); entry; entry = handle.readSync()) {
      place(entry.name);
      count += 1;
      if (count % NAMES_A_LOOK === 0 && monotonicMs() > until)
        return { groups: [...groups.values()], isWhole: false };
    }
    return { groups: [...groups.values()], isWhole: true };
  } finally {
    handle.closeSync();
  }
}

/** What has a server that may be dead is not asked whose it is. */
function grouper(
  dir: string,
  groups: Map<Leftover, Group>,
  isServed: (path: string) => boolean,
): (name: string) => void {
  const uid = ownUid();
  const matchers = LEFTOVERS.map((leftover) => {
    const isMatch = componentMatcher(leftover.pattern, uid);
    return { leftover, isMatch, units: takenOf(leftover).filter(({ path }) => path === leftover.pattern) };
  });
  return (name) => {
    const found = matchers.find(({ isMatch }) => isMatch(name));
    const path = join(dir, name);
    if (!found || isServed(path) || attempt(() => fs.lstatSync(path))?.uid !== uid) return;
    const { leftover, units } = found;
    // Of that name, but another's.
    if (units.length > 0 && !units.some(({ shape }) => hasShape(path, shape))) return;
    const group = groups.get(leftover) ?? { dir, leftover, names: [] };
    group.names.push(name);
    groups.set(leftover, group);
  };
}

async function examineGroup(
  { dir, leftover, names }: Group,
  { maxAgeMs, until, table }: Omit<LegacyInput, 'dirs'> & { table: ProcessTable },
): Promise<LegacyFacts> {
  const { pattern, maker, isShared = false } = leftover;
  const paths = names.map((name) => join(dir, name));
  const size = await measureAll(paths, (monotonicMs() + until) / 2);
  const { units, shapes } = unitsOf(leftover, paths);
  const { stale, isPartial } = await findStale({ units, shapes, table, maxAgeMs, until });
  const { bytes, entries } = total(stale.map((unit) => ({ ...unit, isPartial })));
  return {
    dir,
    pattern: join(dir, globOf(pattern, ownUid())),
    maker,
    isShared,
    count: names.length,
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
function unitsOf(leftover: Leftover, paths: readonly string[]): Pick<StaleQuestion, 'units' | 'shapes'> {
  const taken = takenOf(leftover);
  if (taken.some(({ path }) => path === leftover.pattern)) return { units: paths };
  const below = taken.map(({ path, shape }) => ({ path: components(path).slice(1).join('/'), shape }));
  const shapes = new Map(paths.flatMap((path) => [...findShapes(path, below)]));
  return { units: [...shapes.keys()].sort(), shapes };
}

/** What the reaper takes of it. */
const takenOf = ({ pattern }: Leftover): UnitPattern[] =>
  agentProfiles()
    .flatMap(({ legacy }) => legacy)
    .filter(({ path }) => components(path)[0] === pattern);

const NAMES_A_LOOK = 1_024; // at the clock
