// Removes units that are stale throughout and that nobody holds. In four steps: examine; move aside (the claim); look once
// more at what was moved, files and processes, and put back what is in use after all; remove. Parents stay.

import { dirname } from 'node:path';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Snapshot } from '../process/snapshot.js';
import { takeSnapshot } from '../process/snapshot.js';
import { type Failure, mountFailures, moveFailure, removeTrees } from '../remove/remove-tree.js';
import { abandon, condemn } from '../remove/trash.js';
import { isWithin } from '../root/layout.js';
import { readMounts } from '../root/mounts.js';
import { isFull } from '../space/probe.js';
import { claimUnit, unclaimUnit } from './claim-unit.js';
import { examine } from './examine.js';
import { freshUnits } from './fresh-units.js';

export interface SweepOptions {
  units: readonly string[];
  /** Directories the units lie below that nobody but us can swap. Default: `root`. */
  bases?: readonly string[] | undefined;
  /** The root whose trash may be used, when it is on the same file system. */
  root?: string | undefined;
  /** A look at the processes, `units` among the watched directories. */
  snapshot: Snapshot;
  maxAgeMs: number;
  isDryRun: boolean;
}

export interface SweptUnit {
  path: string;
  reason: string;
  bytes: number;
  entries: number;
}

/** A unit that nobody holds and that is stale throughout. */
export interface StaleUnit extends SweptUnit {
  /** When something in it was used last, ms since 1970. */
  newestAt: number;
}

export interface SweepResult {
  swept: SweptUnit[];
  failed: Failure[];
}

/** Sweeps `units`. A unit inside another one that goes is not looked at again. */
export async function sweepUnits({
  units,
  bases,
  root,
  snapshot,
  maxAgeMs,
  isDryRun,
}: SweepOptions): Promise<SweepResult> {
  const { stale } = await findStale({ units, snapshot, maxAgeMs });
  const swept = stale.map(({ newestAt: _internal, ...unit }) => unit);
  return isDryRun ? { swept, failed: [] } : removeStale(swept, { bases, root, maxAgeMs });
}

/** Those that would go now. It stops at `until` (performance.now()): what was not seen to its end is not among them. */
export async function findStale({
  units,
  snapshot,
  maxAgeMs,
  until = Infinity,
}: Pick<SweepOptions, 'units' | 'snapshot' | 'maxAgeMs'> & { until?: number }): Promise<{
  stale: StaleUnit[];
  isPartial: boolean;
}> {
  const isHeld = holding(snapshot);
  const stale: StaleUnit[] = [];
  const seen = new Set<string>();
  let isPartial = false;
  let fresh: ReadonlySet<string> | undefined;
  const startedAt = performance.now();
  for (const [at, path] of units.entries()) {
    if (performance.now() > until) {
      isPartial = true;
      break;
    }
    if (isBelowAny(seen, path) || isHeld(path)) continue;
    if (until === Infinity && performance.now() - startedAt > ALONE_MS)
      fresh ??= await freshUnits(units.slice(at), freshAfter(maxAgeMs));
    if (fresh?.has(path)) continue;
    const { reason, ...unit } = await examine(path, { freshAfter: freshAfter(maxAgeMs), until });
    isPartial ||= reason === 'no-time';
    if (reason) continue;
    seen.add(path);
    stale.push({ path, reason: 'stale', ...unit });
  }
  const mounts = readMounts();
  return { stale: stale.filter(({ path }) => mountFailures(path, mounts).length === 0), isPartial };
}

/** Removes units that were found stale, each if it still is. */
export async function removeStale(
  units: readonly SweptUnit[],
  {
    root,
    bases = root === undefined ? [] : [root],
    maxAgeMs,
  }: Pick<SweepOptions, 'bases' | 'root' | 'maxAgeMs'>,
): Promise<SweepResult> {
  const result: SweepResult = { swept: [], failed: [] };
  const claims = units.flatMap((unit) => claim(unit, { bases, root }, result.failed));
  if (claims.length === 0) return result;
  const dirs = new Set(claims.flatMap(({ unit, trashed }) => [unit.path, trashed]));
  const isHeld = holding(await takeSnapshot({ roots: [], dirs }));
  const goers: typeof claims = [];
  for (const { unit, trashed } of claims) {
    const isMoved = trashed !== unit.path;
    const { reason } = await examine(trashed, { freshAfter: freshAfter(maxAgeMs), isMoved });
    // A socket says the path it was bound to, so the old place counts too.
    const isUsed = isHeld(trashed) || isHeld(unit.path) || (reason !== undefined && reason !== 'gone');
    if (!isUsed) goers.push({ unit, trashed: condemn(trashed) });
    else if (isMoved && !unclaimUnit(trashed, unit.path, bases)) abandon(trashed); // it waits in the trash until it is free
  }
  const results = await removeTrees(goers.map(({ trashed }) => trashed));
  result.failed.push(...[...results.values()].flat());
  result.swept.push(...goers.flatMap(({ unit, trashed }) => (results.get(trashed)?.length ? [] : [unit])));
  return result;
}

function claim(
  unit: SweptUnit,
  options: { bases: readonly string[]; root: string | undefined },
  failed: Failure[],
): { unit: SweptUnit; trashed: string }[] {
  try {
    const trashed = claimUnit(unit.path, options);
    return trashed === undefined ? [] : [{ unit, trashed }];
  } catch (error) {
    // A quota of btrfs refuses even a rename: removing in place is what makes room.
    if (isFull(error)) return [{ unit, trashed: unit.path }];
    failed.push(moveFailure(unit.path, error));
    return [];
  }
}

const isBelowAny = (paths: ReadonlySet<string>, path: string): boolean => {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (paths.has(at)) return true;
  return false;
};

/** Somebody has something open there, or has it for TMPDIR. */
function holding({ processes, strays }: Snapshot): (path: string) => boolean {
  const all = [...processes.values()];
  const used = [
    ...[...strays, ...all.flatMap(({ holds }) => holds)].map((hold) => hold.path),
    ...all.flatMap(({ tmpdir }) => tmpdir ?? []),
  ];
  return (path) => used.some((one) => isWithin(path, one));
}

const freshAfter = (maxAgeMs: number): number => Date.now() - Math.max(maxAgeMs, MIN_MAX_AGE_MS);

/** A small tree is looked through sooner than another process is started. */
const ALONE_MS = 10;
