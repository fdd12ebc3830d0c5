// One directory on the way down a tree: opened where it was found, read by the piece, closed again. One of
// ours that is closed to us gets our permission: lent while we look, given where it is removed.
import { fs, type OpenDirectory, openDirectory, quietly, type Stats } from '../fs.js';
import { ownUid } from '../root/trusted.js';
import { isDescriptor, isSame } from './directory.js';
import { forSystem, type RawPath, rawPath } from './raw-path.js';

export interface Level {
  name: string;
  stat: Stats;
  /** Undefined while it is closed. */
  open: OpenDirectory | undefined;
  /** Entries that were read and not looked at yet. */
  batch: Entry[];
  /** Subdirectories that were looked at and not entered yet. */
  pending: string[];
  /** No more is read. */
  isRead: boolean;
  /** All was. */
  isReadWhole: boolean;
  isMarked: boolean;
  /** It is known to be small: it is read at once. */
  isSmall: boolean;
  /** While there are more. */
  listing: ReturnType<typeof fs.opendirSync> | undefined;
  /** How many subdirectories were not met yet, where the file system counts them. */
  unmet: number;
  /** Its own mode, while it has ours. */
  mode: number | undefined;
}

interface Entry {
  /** Raw: a character a byte. */
  name: string;
  isDirectory(): boolean;
}

/** What happens to a directory of ours that is closed to us. */
export type Access = 'as it is' | 'lent' | 'given';

/** Opens the directory at `path`, unless it is `open` already. Throws the system's error. */
export function openLevel(
  path: RawPath,
  name: string,
  access: Access,
  open = openDirectory(forSystem(path)),
): Level {
  const level: Level = {
    name,
    stat: open.stat,
    open,
    batch: [],
    pending: [],
    isRead: false,
    isReadWhole: false,
    isMarked: false,
    isSmall: false,
    listing: undefined,
    unmet: Number.POSITIVE_INFINITY,
    mode: undefined,
  };
  if (isClosedToUs(open.stat, access)) grant(level, access);
  return level;
}

/** Makes a directory of ours writable for us, for good. A refusal shows at the next step. */
export const giveAccess = (path: string): void =>
  void quietly(() => closeLevel(openLevel(rawPath(path), '', 'given')));

/** Where a file system counts links, size and links of a directory say how many entries it has. */
export function expectEntries(level: Level, isOnlyForDirectories: boolean): void {
  const { nlink, size } = level.stat;
  level.isSmall = size <= SMALL_BYTES;
  if (!isOnlyForDirectories || nlink < 2) return;
  level.unmet = nlink - 2;
  level.isRead = level.unmet === 0;
}

const isClosedToUs = ({ mode, uid }: Stats, access: Access): boolean =>
  access !== 'as it is' && (mode & MODES[access]) !== MODES[access] && uid === ownUid() && uid !== 0;

/** By its mode now: the known one may be old. A refusal shows at the next step. */
function grant(level: Level, access: Access): void {
  const { open } = level;
  const now = open && quietly(() => fs.statSync(forSystem(open.base)));
  if (!now || access === 'as it is' || !isClosedToUs(now, access)) return;
  if (!isDescriptor(open.base)) return; // by path it may be another directory by now
  const mode = now.mode & 0o7777;
  setMode(level, mode | MODES[access]);
  if (access === 'lent') level.mode = mode;
}

export function closeLevel(level: Level): void {
  level.listing?.closeSync();
  level.listing = undefined;
  if (level.mode !== undefined) setMode(level, level.mode);
  level.open?.close();
  level.open = undefined;
}

function setMode({ open }: Level, mode: number): void {
  if (open) quietly(() => fs.chmodSync(forSystem(open.base), mode));
}

/** Opens `above` again, which `below` was found in. False when it is not there any more. */
export function openAbove(above: Level, below: Level): boolean {
  if (above.open) return true;
  const base = below.open?.base;
  const open = base === undefined ? undefined : quietly(() => openDirectory(forSystem(`${base}/..`)));
  if (open && isSame(open.stat, above.stat)) above.open = open;
  else open?.close();
  return above.open !== undefined;
}

/** Reads the next entries: all of a small directory. Throws the system's error. */
export function readOn(level: Level): void {
  const base = level.open?.base ?? '';
  if (level.isSmall) {
    level.batch = fs.readdirSync(base, { withFileTypes: true, encoding: 'latin1' });
    level.isReadWhole = true;
    stopReading(level);
    return;
  }
  level.listing ??= fs.opendirSync(base, { encoding: 'latin1', bufferSize: PIECE });
  while (level.batch.length < PIECE) {
    const entry = level.listing.readSync();
    if (entry) level.batch.push(entry);
    else {
      level.isReadWhole = true;
      stopReading(level);
      return;
    }
  }
}

export function stopReading(level: Level): void {
  level.isRead = true;
  level.listing?.closeSync();
  level.listing = undefined;
}

/** What we need: to look, and to remove what is in it. */
const MODES = { lent: 0o500, given: 0o700 } as const;
const PIECE = 256;
/** Some thousands of entries at most. To list few entries by the piece takes ten times as long. */
const SMALL_BYTES = 64 * 1024;
