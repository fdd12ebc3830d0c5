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

export interface Reclaimable {
  /** Frees that much, of all that was added; at least that, where very many files have names not seen yet. */
  readonly bytes: number;
  /** How many were added. */
  readonly count: number;
  /** Gives what one more of them frees. */
  add(file: FileFacts): number;
}

/** Adds up files that would be removed together. */
export function reclaimable(): Reclaimable {
  const namesSeen = new Map<string, number>();
  let bytes = 0;
  let count = 0;
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
    get bytes() {
      return bytes;
    },
    get count() {
      return count;
    },
    add(file) {
      count += 1;
      // A directory's nlink counts those below it (not on btrfs), not names of its own.
      const isFreed = file.isDirectory() || file.nlink < 2 || isLastName(file);
      const more = isFreed ? file.blocks * BLOCK_BYTES : 0;
      bytes += more;
      return more;
    },
  };
}

const BLOCK_BYTES = 512; // of st_blocks, whatever the file system's own
const MAX_FILES = 100_000; // of which not all names were seen
