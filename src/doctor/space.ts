// Where sessions lie, or would, and where agents write without us: the file system, how much is left of it,
// whether a write goes through. statfs(2) knows nothing of a user's quota, so only the write is believed.
import { attempt, fs, isFullCode } from '../fs.js';
import { type Culprit, culprits, volumeOf } from '../reap/culprits.js';
import { hasUserQuota, type Mount, mountOf, readMounts } from '../root/mounts.js';
import { nearestExisting } from '../root/nearest-existing.js';
import { headroomOf } from '../space/headroom.js';
import { lowRoom, missingRoom, type Room, type Watermarks } from '../space/watermarks.js';
import { type QuotaFacts, readQuota } from './quota.js';
import { writeErrorAt } from './roots.js';

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
  isReadOnly: boolean;
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

export interface PlacesInput {
  /** Managed roots and temp directories, best first. */
  dirs: readonly string[];
  watermarks: Watermarks;
}

/** One for each file system, in the order of `dirs`. */
export async function examinePlaces({ dirs, ...input }: PlacesInput): Promise<PlaceFacts[]> {
  const mounts = readMounts();
  const places = new Map<string, FileSystem>();
  for (const path of dirs) {
    const mount = mountOf(nearestExisting(path), mounts);
    // The device too: a subvolume of btrfs has a quota of its own and no mount.
    const key = `${mount?.point}:${attempt(() => fs.statSync(nearestExisting(path)))?.dev}`;
    const place = places.get(key) ?? { serves: [], mount };
    place.serves.push(path);
    places.set(key, place);
  }
  return Promise.all([...places.values()].map((place) => examinePlace(place, input)));
}

interface FileSystem {
  serves: string[];
  mount: Mount | undefined;
}

async function examinePlace(
  { serves, mount }: FileSystem,
  { watermarks }: Omit<PlacesInput, 'dirs'>,
): Promise<PlaceFacts> {
  const { dir, writeError } = tryToWrite(serves.map(nearestExisting));
  const options = [...new Set(mount?.options ?? [])];
  const headroom = headroomOf(dir);
  const { inodesTotal = 0, inodesFree = 0 } = headroom ?? {};
  return {
    dir,
    serves,
    mount: mount?.point ?? null,
    type: mount?.type ?? null,
    options,
    hasUserQuota: hasUserQuota(mount),
    isReadOnly: options.includes('ro'),
    atime: ATIME.find((option) => options.includes(option)) ?? 'strictatime',
    bytes: headroom ? amount(headroom.bytesTotal, headroom.bytesUsed, headroom.bytesFree) : null,
    inodes: headroom ? amount(inodesTotal, inodesTotal - inodesFree, inodesFree) : null,
    missing: headroom ? missingRoom(headroom, lowRoom(headroom, watermarks)) : { bytes: 0, inodes: 0 },
    quota: mount ? await readQuota(mount.point) : null,
    writeError,
    largest: isFullCode(writeError) ? await culprits(besides(serves.map(nearestExisting))) : [],
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
    const writeError = writeErrorAt(dir);
    first ??= { dir, writeError };
    if (writeError === null || isFullCode(writeError)) return { dir, writeError };
  }
  return first ?? { dir: '/', writeError: null };
}

const amount = (total: number, used: number, free: number): Amount | null =>
  total > 0 ? { total, used, free } : null;

const ATIME = ['noatime', 'relatime'];
