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
  /** Frees that much, of all that was added. */
  readonly bytes: number;
  add(file: FileFacts): void;
  /** The same for what has no other name, or is a directory. */
  addBlocks(blocks: number): void;
}

/** Adds up files that would be removed together. */
export function reclaimable(): Reclaimable {
  const namesSeen = new Map<string, number>();
  let bytes = 0;
  const isLastName = ({ dev, ino, nlink }: FileFacts): boolean => {
    const file = `${dev}:${ino}`;
    const names = (namesSeen.get(file) ?? 0) + 1;
    namesSeen.set(file, names);
    return names === nlink;
  };
  const addBlocks = (blocks: number) => {
    bytes += blocks * BLOCK_BYTES;
  };
  return {
    get bytes() {
      return bytes;
    },
    add(file) {
      // A directory's nlink counts those below it (not on btrfs), not names of its own.
      if (file.isDirectory() || file.nlink < 2 || isLastName(file)) addBlocks(file.blocks);
    },
    addBlocks,
  };
}

const BLOCK_BYTES = 512; // of st_blocks, whatever the file system's own
