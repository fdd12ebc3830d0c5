// Is a repository in the TMPDIR somebody's work? Yes, where a worktree outside depends on it: without the
// repository that would lose its branch, history and index. The records in a copied repository are not true:
// those worktrees lead to the original.
import { fs, inDirectory, quietly } from '../fs.js';
import { isMissing, type Pace } from '../tree/directory.js';
import { asText, forSystem, type RawPath } from '../tree/raw-path.js';
import { destinationOf, isInside, mayBeHidden } from './destination.js';
import { leadsTo } from './git-link.js';
import { branchOf, has, lacks, type Surroundings, worktreeBack } from './judge-link.js';
import type { Judged } from './work.js';

/**
 * What the repository at `path` is, seen through `base`; undefined when nothing outside depends on it,
 * `partial` when that cannot be told.
 */
export async function judgeRepository(
  base: RawPath,
  path: RawPath,
  around: Surroundings,
  pace: Pace,
): Promise<Judged | 'partial' | undefined> {
  if (lacks(`${base}/HEAD`)) return undefined;
  try {
    const outside = await inDirectory(forSystem(`${base}/worktrees`), (records) =>
      firstOutside(records, `${path}/worktrees`, around, pace),
    );
    if (outside === undefined || outside === 'partial') return outside;
    return { kind: 'repository', gitdir: asText(path), ...branchOf(base), repository: asText(outside.at) };
  } catch (error) {
    return isMissing(error) ? undefined : 'partial';
  }
}

/** Reads by the piece: there may be any number of records. */
async function firstOutside(
  base: RawPath,
  path: RawPath,
  around: Surroundings,
  pace: Pace,
): Promise<{ at: RawPath } | 'partial' | undefined> {
  const listing = fs.opendirSync(base, { encoding: 'latin1' });
  try {
    for (let entry = listing.readSync(); entry; entry = listing.readSync()) {
      const at = entry.isDirectory() ? worktreeOutside(base, path, entry.name, around) : undefined;
      if (at !== undefined) return { at };
      if (pace.isDue() && !(await pace.goOn())) return 'partial';
    }
  } finally {
    listing.closeSync();
  }
  return undefined;
}

/** The worktree that the record `name` is of, when it is outside and leads back to it. Doubt makes it one. */
function worktreeOutside(
  base: RawPath,
  path: RawPath,
  name: string,
  { top, was = top.path, mayHang }: Surroundings,
): RawPath | undefined {
  const record = `${base}/${name}`;
  const named = worktreeBack(record, `${path}/${name}`);
  if (named === undefined) return undefined;
  const place = destinationOf(named, mayHang);
  if (place.state === 'there') {
    if (isInside(place.path, top)) return undefined;
    const stat = quietly(() => fs.lstatSync(forSystem(record)));
    return stat && leadsTo(place.path, stat, mayHang) !== false ? place.path : undefined;
  }
  // A locked one is on a disk that is not always there.
  const isKept = place.state === 'unknown' || has(`${record}/locked`) || mayBeHidden(named, mayHang);
  const at = place.state === 'unknown' ? place.path : named;
  return isKept && ![top.path, was].some((dir) => at.startsWith(`${dir}/`)) ? at : undefined;
}
