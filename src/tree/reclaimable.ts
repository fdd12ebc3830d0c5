// What removing files would give back. Allocated blocks, not lengths: a file may have holes. A file with
// several names counts once, and only when all of them were seen: as long as one name stays, nothing is
// freed.

export interface FileFacts {
  dev: number;
  ino: number;
  nlink: number;
  blocks: number;
  isDirectory(): boolean;
}

/** How much something is. */
export interface Size {
  /** What removing it frees. */
  bytes: number;
  /** Files and directories. */
  entries: number;
}

export interface Reclaimable {
  /** Of all that was added; `bytes` at least, where very many files have names not seen yet. */
  size(): Size;
  /** Gives what one more of them frees. */
  add(file: FileFacts): number;
}

/** Adds up files that would be removed together. */
export function reclaimable(): Reclaimable {
  const namesSeen = new Map<string, number>();
  const size: Size = { bytes: 0, entries: 0 };
  const isLastName = ({ dev, ino, nlink }: FileFacts): boolean => {
    const file = `${dev}:${ino}`;
    const seen = namesSeen.get(file);
    if (seen === undefined && namesSeen.size >= MAX_FILES) return false;
    const names = (seen ?? 0) + 1;
    if (names === nlink) namesSeen.delete(file);
    else namesSeen.set(file, names);
    return names === nlink;
  };
  return {
    size: () => ({ ...size }),
    add(file) {
      size.entries += 1;
      // A directory's nlink counts those below it (not on btrfs), not names of its own.
      const isFreed = file.isDirectory() || file.nlink < 2 || isLastName(file);
      const more = isFreed ? file.blocks * BLOCK_BYTES : 0;
      size.bytes += more;
      return more;
    },
  };
}

const BLOCK_BYTES = 512; // of st_blocks, whatever the file system's own
const MAX_FILES = 100_000; // of which not all names were seen
