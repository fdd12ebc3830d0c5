// One directory on the way down a tree: opened where it was found, its subdirectories read by the piece,
// closed again. One of ours that we may not read gets our permission for as long as we look, and its own
// mode back afterwards.
import { fs, quietly } from '../fs.js';
import { ownUid } from '../root/guard.js';
import { type DirectoryStat, type OpenDirectory, openDirectory, type Pace } from './directory.js';
import { isSame } from './place.js';
import { forSystem, type RawPath } from './raw-path.js';

export interface Level {
  name: string;
  dev: number;
  ino: number;
  /** Undefined while it is closed. */
  open: OpenDirectory | undefined;
  /** Subdirectories that were read and not entered yet. */
  pending: string[];
  /** All were read. */
  isRead: boolean;
  /** Whether it has an entry called `MARK`; undefined where it was not read to its end. */
  isMarked: boolean | undefined;
  /** It is known to be small: it is read at once. */
  isSmall: boolean;
  /** While there are more. */
  listing: ReturnType<typeof fs.opendirSync> | undefined;
  /** How many were not met yet, where the file system counts them. */
  unmet: number;
  /** Its own mode, where it has ours. */
  mode: number | undefined;
}

/** What makes a directory worth a visit. */
export const MARK = '.git';

/**
 * Opens the directory at `path`. On a `counting` file system its size and links tell of its entries. Throws
 * the system's error.
 */
export function openLevel(path: RawPath, name: string, isCounting: boolean, known?: DirectoryStat): Level {
  const open = openDirectory(path, known);
  const { dev, ino, nlink, size } = open.stat;
  const unmet = isCounting && nlink >= 2 ? nlink - 2 : Number.POSITIVE_INFINITY;
  const level: Level = {
    name,
    dev,
    ino,
    open,
    pending: [],
    isRead: unmet === 0,
    isMarked: undefined,
    isSmall: isCounting && size <= SMALL_BYTES,
    listing: undefined,
    unmet,
    mode: undefined,
  };
  if (isClosedToUs(open.stat)) grant(level, fs.statSync(forSystem(open.base)));
  return level;
}

const isClosedToUs = ({ mode, uid }: DirectoryStat): boolean =>
  (mode & 0o500) !== 0o500 && uid === ownUid() && uid !== 0;

function grant(level: Level, stat: DirectoryStat): void {
  if (!isClosedToUs(stat)) return;
  level.mode = stat.mode & 0o7777;
  setMode(level, level.mode | 0o500);
}

export function closeLevel(level: Level): void {
  level.listing?.closeSync();
  level.listing = undefined;
  if (level.mode !== undefined) setMode(level, level.mode);
  level.open?.close();
  level.open = undefined;
}

/** What is refused shows at the next step. */
function setMode({ open }: Level, mode: number): void {
  if (open) quietly(() => fs.chmodSync(forSystem(open.base), mode));
}

/** Opens `above` again, which `below` was found in. False when it is not there any more. */
export function openAbove(above: Level, below: Level): boolean {
  if (above.open) return true;
  const base = below.open?.base;
  const open = base === undefined ? undefined : quietly(() => openDirectory(`${base}/..`));
  if (open && isSame(open.stat, above)) above.open = open;
  else open?.close();
  return above.open !== undefined;
}

/** Reads the next piece, or as far as there is time. Throws the system's error. */
export function readOn(level: Level, pace: Pace): void | Promise<void> {
  const base = level.open?.base ?? '';
  if (!level.isSmall) {
    level.listing ??= fs.opendirSync(base, { encoding: 'latin1', bufferSize: READ_AT_ONCE });
    return readPiece(level, level.listing, pace);
  }
  level.isMarked = false;
  level.isRead = true;
  for (const entry of fs.readdirSync(base, { withFileTypes: true, encoding: 'latin1' })) {
    if (entry.isDirectory()) level.pending.push(entry.name);
    if (entry.name === MARK) level.isMarked = true;
  }
}

async function readPiece(level: Level, listing: NonNullable<Level['listing']>, pace: Pace): Promise<void> {
  for (let count = 1; level.pending.length < PIECE; count += 1) {
    const entry = level.unmet > 0 ? listing.readSync() : null;
    if (!entry) return ended(level);
    if (entry.isDirectory()) {
      level.pending.push(entry.name);
      level.unmet -= 1;
    }
    if (count % READ_AT_ONCE === 0 && pace.isDue() && !(await pace.goOn())) return;
  }
}

function ended(level: Level): void {
  level.isRead = true;
  level.listing?.closeSync();
  level.listing = undefined;
}

const READ_AT_ONCE = 256;
const PIECE = 1_024;
/** Some thousands of entries at most; a listing by the piece costs ten times as much where there are few. */
const SMALL_BYTES = 64 * 1024;
