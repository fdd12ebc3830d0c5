// Who uses the space of a full file system, and the one command that helps. That never says to delete a path
// by hand: what is in there, and who uses it, is not known here.
import { basename, dirname, join } from 'node:path';
import { monotonicMs } from '../clock.js';
import { fs, quietly } from '../fs.js';
import { readLease } from '../lease/lease-file.js';
import { namesIn } from '../names.js';
import { shellQuote } from '../quote.js';
import { isWithin, SESSION_ID } from '../root/layout.js';
import { hasUserQuota, type Mount, readMounts } from '../root/mounts.js';
import { mountFor } from '../root/nearest-existing.js';
import { ownUid } from '../root/trusted.js';
import { measure } from '../tree/measure.js';
import { reclaimable, type Size } from '../tree/reclaimable.js';
import { isLegacyName, tempDirectories } from './reap-options.js';

/** Its size is of what was seen, where time ran out. */
export interface Culprit extends Size {
  path: string;
}

export type Scarce = 'bytes' | 'entries';

/**
 * The largest entries of ours in `dirs` by what is scarce, largest first: three at most. An entry that holds
 * another one of `dirs` is left out: its parts are listed. So is a mount: it lies elsewhere, and may never
 * answer. Stops after two seconds with what it has.
 */
export async function culprits(dirs: readonly string[], scarce: Scarce = 'bytes'): Promise<Culprit[]> {
  const until = monotonicMs() + BUDGET_MS;
  const found: Culprit[] = [];
  const points = new Set(readMounts().map(({ point }) => point));
  for (const path of dirs.flatMap((dir) => ownEntries(dir, points))) {
    if (dirs.some((dir) => isWithin(path, dir))) continue;
    if (monotonicMs() > until) break;
    const stat = quietly(() => fs.lstatSync(path));
    if (!stat) continue;
    const itself = reclaimable();
    itself.add(stat);
    const { bytes, entries } = await measure(path, { until });
    found.push({ path, bytes: itself.size().bytes + bytes, entries: entries + 1 });
  }
  const other = scarce === 'bytes' ? 'entries' : 'bytes';
  return found.sort((a, b) => b[scarce] - a[scarce] || b[other] - a[other]).slice(0, LIMIT);
}

function ownEntries(dir: string, points: ReadonlySet<string>): string[] {
  const isOurs = (name: string) =>
    !points.has(join(dir, name)) && quietly(() => fs.lstatSync(join(dir, name)))?.uid === ownUid();
  return (quietly(() => namesIn(dir, isOurs)) ?? []).map((name) => join(dir, name));
}

export interface LargeEntry extends Culprit {
  /** Of a managed root: its largest sessions, largest first. Of a session: itself. */
  sessions: LargeSession[];
}

export interface LargeSession {
  id: string;
  bytes: number;
  isKept: boolean;
}

export interface Looked {
  /** All managed roots of this user that are known. */
  roots: readonly string[];
  scarce: Scarce;
}

/** The largest entries of ours in `dirs`, roots with their largest sessions. */
export async function largeEntries(
  dirs: readonly string[],
  { roots, scarce }: Looked,
): Promise<LargeEntry[]> {
  const isSession = (path: string) => roots.includes(dirname(path)) && SESSION_ID.test(basename(path));
  const found: LargeEntry[] = [];
  for (const culprit of await culprits(dirs, scarce)) {
    const { path } = culprit;
    const below = roots.includes(path) ? await culprits([path], scarce) : [culprit];
    found.push({ ...culprit, sessions: below.filter((it) => isSession(it.path)).map(sessionOf) });
  }
  return found;
}

const sessionOf = ({ path, bytes }: Culprit): LargeSession => ({
  ...{ id: basename(path), bytes, isKept: readLease(path).lease?.kept !== undefined },
});

/** What to run about the largest one. */
export function wayOut({ path, sessions: [session] }: LargeEntry, env: NodeJS.ProcessEnv): string {
  if (session) return session.isKept ? `qw-tmp rm ${session.id}` : 'qw-tmp list';
  return isLegacyName(path, env) && tempDirectories(env).includes(dirname(path))
    ? 'qw-tmp reap --legacy'
    : `du -sh ${shellQuote(path)}`;
}

export interface Volume {
  /** The file system, in words. */
  name: string;
  /** The directory there whose entries share the space with the root. */
  dir: string;
  /** Whose quota it is that a write there runs into, in words. */
  quota: string;
}

/** Where a root lies, or would. */
export function volumeOf(root: string): Volume {
  const mount = mountFor(root, readMounts());
  const dir = mount?.point === root ? root : dirname(root);
  const quota = hasUserQuota(mount) ? ', with a quota per user' : '';
  const name = mount ? `${mount.point} (${mount.type}${quota})` : dirname(root);
  return { name, dir, quota: whoseQuota(mount) };
}

/** btrfs counts by subvolume; elsewhere nobody can say which of several quotas refused. */
function whoseQuota(mount: Mount | undefined): string {
  if (mount?.type === 'btrfs') return 'the quota of its subvolume';
  const others = mount?.options.some((option) => /^(grp|prj|g|p)quota/.test(option));
  return `the quota of uid ${ownUid()}${others ? ', its group or its project' : ''}`;
}

const BUDGET_MS = 2_000;
const LIMIT = 3;
