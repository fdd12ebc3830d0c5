// Where sessions lie, or would, and where agents write without us: the file system, how much is left of it,
// whether a write goes through. statfs(2) knows nothing of a user's quota, so only the write is believed.
import { attempt, fs } from '../fs.js';
import { type Culprit, culprits } from '../reap/culprits.js';
import { hasUserQuota, type Mount, mountOf, readMounts } from '../root/mounts.js';
import { headroomOf } from '../space/headroom.js';
import { lowRoom, type Marks, missingRoom, type Room } from '../space/marks.js';
import { type QuotaFacts, readQuota } from './quota.js';
import { nearestExisting, writeErrorAt } from './roots.js';

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
  /** Of the file system; null where it does not say (Windows). */
  bytes: Amount | null;
  /** null where it counts none (btrfs). */
  inodes: Amount | null;
  /** What free space falls short of the mark `low`. */
  missing: Room;
  quota: QuotaFacts | null;
  /** What a write was answered; null when it went through. */
  writeError: string | null;
  /** The largest entries of ours, where room is short. */
  largest: Culprit[];
}

export interface Amount {
  total: number;
  /** For us: without what is reserved for root. */
  free: number;
}

export interface PlacesInput {
  /** Managed roots and temp directories, best first. */
  dirs: readonly string[];
  marks: Marks;
}

/** One for each file system, in the order of `dirs`. */
export async function examinePlaces({ dirs, ...input }: PlacesInput): Promise<PlaceFacts[]> {
  const mounts = readMounts();
  const places = new Map<string, Place>();
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

interface Place {
  serves: string[];
  mount: Mount | undefined;
}

async function examinePlace(
  { serves, mount }: Place,
  { marks }: Omit<PlacesInput, 'dirs'>,
): Promise<PlaceFacts> {
  const { dir, writeError } = tryToWrite(serves.map(nearestExisting));
  const options = [...new Set(mount?.options ?? [])];
  const headroom = headroomOf(dir);
  return {
    dir,
    serves,
    mount: mount?.point ?? null,
    type: mount?.type ?? null,
    options,
    hasUserQuota: hasUserQuota(mount),
    isReadOnly: options.includes('ro'),
    atime: ATIME.find((option) => options.includes(option)) ?? 'strictatime',
    bytes: headroom ? amount(headroom.bytesTotal, headroom.bytesFree) : null,
    inodes: headroom ? amount(headroom.inodesTotal, headroom.inodesFree) : null,
    missing: headroom ? missingRoom(headroom, lowRoom(headroom, marks)) : { bytes: 0, inodes: 0 },
    quota: mount ? await readQuota(mount.point) : null,
    writeError,
    largest: FULL.has(writeError ?? '') ? await culprits([...new Set(serves.map(nearestExisting))]) : [],
  };
}

/** The first that says something of the file system: a directory that is not ours to write says nothing. */
function tryToWrite(dirs: readonly string[]): Pick<PlaceFacts, 'dir' | 'writeError'> {
  let first: Pick<PlaceFacts, 'dir' | 'writeError'> | undefined;
  for (const dir of new Set(dirs)) {
    const writeError = writeErrorAt(dir);
    first ??= { dir, writeError };
    if (writeError === null || FULL.has(writeError)) return { dir, writeError };
  }
  return first ?? { dir: '/', writeError: null };
}

const amount = (total: number, free: number): Amount | null => (total > 0 ? { total, free } : null);

const ATIME = ['noatime', 'relatime'];
const FULL = new Set(['ENOSPC', 'EDQUOT']);
