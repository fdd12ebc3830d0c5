// One directory on the way down a tree: opened where it was found, its subdirectories read by the piece, closed again. One of ours
// that we may not read gets our permission for as long as we look, and its own mode back afterwards.
import { fs, quietly } from '../fs.js';
import { ownUid } from '../root/guard.js';
import { type OpenDirectory, openDirectory, type Pace } from './directory.js';
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
  /** While there are more. */
  listing: ReturnType<typeof fs.opendirSync> | undefined;
  /** How many were not met yet, where the file system counts them. */
  unmet: number;
  /** Its own mode, where it has ours. */
  mode: number | undefined;
}

/** Opens the directory at `path`. Throws the system's error; `ENOTDIR` for a link. */
export function openLevel(path: RawPath, name: string, isCounting: boolean): Level {
  const open = openDirectory(path);
  const { dev, ino, nlink, mode, uid } = open.stat;
  const isClosedToUs = (mode & 0o500) !== 0o500 && uid === ownUid() && uid !== 0;
  const unmet = isCounting && nlink >= 2 ? nlink - 2 : Infinity;
  const level: Level = {
    name,
    dev,
    ino,
    open,
    pending: [],
    isRead: unmet === 0,
    listing: undefined,
    unmet,
    mode: isClosedToUs ? mode & 0o7777 : undefined,
  };
  if (isClosedToUs) setMode(level, (mode & 0o7777) | 0o500);
  return level;
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
  const open = quietly(() => openDirectory(`${below.open?.base}/..`));
  if (open && isSame(open.stat, above)) above.open = open;
  else open?.close();
  return above.open !== undefined;
}

/** Reads the next piece, or as far as there is time. Throws the system's error. */
export async function readOn(level: Level, pace: Pace): Promise<void> {
  level.listing ??= fs.opendirSync(level.open?.base ?? '', { encoding: 'latin1', bufferSize: READ_AT_ONCE });
  for (let count = 1; level.pending.length < PIECE; count += 1) {
    const entry = level.unmet > 0 ? level.listing.readSync() : null;
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
