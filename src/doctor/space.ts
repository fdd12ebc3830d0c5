// Where sessions lie, or would, and where agents write without us: the file system, how much is left of it,
// whether a write goes through. statfs(2) knows nothing of a user's quota, so only the write is believed.
import { dirname } from 'node:path';
import { attempt, fs, isFullCode } from '../fs.js';
import { shellQuote } from '../quote.js';
import { type Culprit, culprits, volumeOf } from '../reap/culprits.js';
import { isWithin } from '../root/layout.js';
import { hasUserQuota, type Mount, mountOf, readMounts } from '../root/mounts.js';
import { nearestExisting } from '../root/nearest-existing.js';
import { formatBytes, plural, withCommas } from '../space/format-bytes.js';
import { headroomOf } from '../space/headroom.js';
import { lowRoom, missingRoom, type Room, type Watermarks } from '../space/watermarks.js';
import { type Finding, note, problem, warning } from './finding.js';
import type { LegacyFacts } from './legacy.js';
import { type QuotaFacts, readQuota, type Share } from './quota.js';
import { type RootFacts, writeErrorAt } from './roots.js';
import type { SessionSight } from './sessions.js';

export interface PlaceFacts {
  /** An existing directory: a root, the nearest parent of one not made yet, or a temp directory. */
  dir: string;
  /** The roots and temp directories that share it. */
  serves: string[];
  mount: string | null;
  type: string | null;
  options: string[];
  /** A tmpfs that gives each user a share only. */
  hasUserQuota: boolean;
  /** `noatime`, `relatime` or `strictatime`. */
  atime: string;
  /** Of the file system, in bytes; null where it does not say (Windows). */
  bytes: Amount | null;
  /** null where it counts none (btrfs). */
  inodes: Amount | null;
  /** What free space falls short of the watermark `low`, in bytes and inodes. */
  missing: Room;
  quota: QuotaFacts | null;
  /** What a write was answered; null when it went through. */
  writeError: string | null;
  /** The largest entries of ours, where room is short. */
  largest: Culprit[];
}

export interface Amount {
  total: number;
  /** What is reserved for root is neither. */
  used: number;
  /** For us: without what is reserved for root. */
  free: number;
}

/** One for each file system, in the order of `dirs`: managed roots and temp directories, best first. */
export async function examinePlaces(dirs: readonly string[], watermarks: Watermarks): Promise<PlaceFacts[]> {
  const mounts = readMounts();
  const places = new Map<string, { serves: string[]; mount: Mount | undefined }>();
  for (const path of dirs) {
    const mount = mountOf(nearestExisting(path), mounts);
    // The device too: a subvolume of btrfs has a quota of its own and no mount.
    const key = `${mount?.point}:${attempt(() => fs.statSync(nearestExisting(path)))?.dev}`;
    const place = places.get(key) ?? { serves: [], mount };
    place.serves.push(path);
    places.set(key, place);
  }
  return Promise.all(
    [...places.values()].map(({ serves, mount }) => examinePlace(serves, mount, watermarks)),
  );
}

async function examinePlace(
  serves: string[],
  mount: Mount | undefined,
  watermarks: Watermarks,
): Promise<PlaceFacts> {
  const dirs = serves.map(nearestExisting);
  const { dir, writeError } = tryToWrite(dirs);
  const options = [...new Set(mount?.options ?? [])];
  const headroom = headroomOf(dir);
  const { bytesTotal = 0, bytesUsed = 0, bytesFree = 0, inodesTotal = 0, inodesFree = 0 } = headroom ?? {};
  return {
    dir,
    serves,
    mount: mount?.point ?? null,
    type: mount?.type ?? null,
    options,
    hasUserQuota: hasUserQuota(mount),
    atime: ['noatime', 'relatime'].find((option) => options.includes(option)) ?? 'strictatime',
    bytes: amount(bytesTotal, bytesUsed, bytesFree),
    inodes: amount(inodesTotal, inodesTotal - inodesFree, inodesFree),
    missing: headroom ? missingRoom(headroom, lowRoom(headroom, watermarks)) : { bytes: 0, inodes: 0 },
    quota: mount ? await readQuota(mount.point) : null,
    writeError,
    largest: isFullCode(writeError) ? await culprits(besides(dirs)) : [],
  };
}

/** What fills a file system lies in what we know there, or beside it. The top of the system is nobody's. */
const besides = (dirs: readonly string[]): string[] => [
  ...new Set([...dirs, ...dirs.map((dir) => volumeOf(dir).dir).filter((dir) => dir !== '/')]),
];

/** The first that says something of the file system: a directory that is not ours to write says nothing. */
function tryToWrite(dirs: readonly string[]): Pick<PlaceFacts, 'dir' | 'writeError'> {
  let first: Pick<PlaceFacts, 'dir' | 'writeError'> | undefined;
  for (const dir of new Set(dirs)) {
    const tried = { dir, writeError: writeErrorAt(dir) };
    if (tried.writeError === null || isFullCode(tried.writeError)) return tried;
    first ??= tried;
  }
  return first ?? { dir: '/', writeError: null };
}

const amount = (total: number, used: number, free: number): Amount | null =>
  total > 0 ? { total, used, free } : null;

interface Space {
  places: readonly PlaceFacts[];
  roots: readonly RootFacts[];
  sessions: readonly SessionSight[];
  legacy: readonly LegacyFacts[];
}

/** Pure. */
export function* spaceFindings(facts: Space): Iterable<Finding> {
  const chosen = facts.roots.find(({ state }) => state === 'chosen') ?? facts.roots[0];
  for (const place of facts.places) {
    const isOfSessions = chosen !== undefined && place.serves.includes(chosen.path);
    yield* placeFindings(place, isOfSessions, whatFrees(place, facts));
  }
}

function* placeFindings(place: PlaceFacts, isOfSessions: boolean, command: string): Iterable<Finding> {
  const { dir, mount, writeError, largest, atime } = place;
  const short = shortOf(place);
  // Proven by a write that was refused, never by statfs.
  if (isFullCode(writeError)) {
    const what = writeError === 'EDQUOT' ? 'your disk quota is used up' : 'no space or no inodes are left';
    const shown = largest.map(
      ({ path, bytes, entries }) => `${path} ${formatBytes(bytes)} (${plural(entries, 'entry')})`,
    );
    const whose = shown.length > 0 ? `; largest of yours: ${shown.join(', ')}` : '';
    const say = isOfSessions ? problem : warning;
    const text = `${what} (${writeError}): commands there fail without a word${whose}`;
    yield say('full', dir, { text, command });
  } else if (short.length > 0) {
    yield warning('low', dir, { text: `nearly full: ${short.join(', ')}`, command });
  }
  if (atime === 'noatime' && isOfSessions && mount !== null)
    yield note('noatime', dir, {
      text: 'mounted with noatime: a file that is only read there counts as unused',
      command: `sudo mount -o remount,relatime ${shellQuote(mount)}`,
    });
}

function shortOf({ bytes, inodes, missing, quota }: PlaceFacts): string[] {
  const bytesLeft = leftOf(quota?.bytes);
  const inodesLeft = leftOf(quota?.inodes);
  return [
    ...(bytes && missing.bytes > 0 ? [`${formatBytes(bytes.free)} are left`] : []),
    ...(inodes && missing.inodes > 0 ? [`${withCommas(inodes.free)} inodes are left`] : []),
    ...(bytesLeft === undefined ? [] : [`${formatBytes(bytesLeft)} of your quota are left`]),
    ...(inodesLeft === undefined ? [] : [`${withCommas(inodesLeft)} inodes of your quota are left`]),
  ];
}

/** What is left of a quota, where that is little. */
function leftOf(share: Share | null | undefined): number | undefined {
  if (!share) return undefined;
  const left = Math.max(0, share.limit - share.used);
  return left < share.limit * LOW_PART ? left : undefined;
}

/** The command that frees most, by what was found there. */
function whatFrees({ serves, largest }: PlaceFacts, { sessions, legacy }: Space): string {
  if (sessions.some(({ root, state }) => state === 'orphan' && serves.includes(root))) return 'qw-tmp reap';
  if (legacy.some(({ dir, stale }) => stale.count > 0 && serves.includes(dir))) return 'qw-tmp reap --legacy';
  // What fills it may lie beside the root.
  const dirs = largest.length > 0 ? [...new Set(largest.map(({ path }) => dirname(path)))] : serves;
  const outer = dirs.filter((dir) => !dirs.some((other) => other !== dir && isWithin(other, dir)));
  return `du -xhd1 ${outer.map(shellQuote).join(' ')} 2>/dev/null | sort -h | tail`;
}

const LOW_PART = 0.05;
