// The file that receipts are appended to. Many processes do that at once, any of them may be killed in the
// middle, and the disk may be full: a line goes out in one write, and one that was torn spoils no other. What
// has grown long is set aside under another name, and what lay there before is gone.
import {
  attempt,
  fs,
  O_APPEND,
  O_CREAT,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDWR,
  quietly,
  R_OK,
  readAt,
  type Stats,
  statOf,
  TO_MAKE,
  TO_READ,
  W_OK,
  withFile,
} from '../fs.js';
import { makeStateDir } from '../root/state.js';
import { isOurs } from '../root/trusted.js';

/** Appends lines; false where the file is not ours, or not all are there. Throws the system's error. */
export function append(file: string, lines: string): boolean {
  makeStateDir(file);
  if (isLong(file)) setAside(file);
  // O_APPEND: two at once each add a whole line. O_RDWR does not wait for the reader of a FIFO.
  const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  return withFile(file, flags, (fd) => {
    const stat = fs.fstatSync(fd);
    if (!isOurLog(stat)) return false;
    // The umask may have taken from it; or somebody gave others a look at it.
    if (process.platform !== 'win32' && (stat.mode & 0o777) !== 0o600)
      attempt(() => fs.fchmodSync(fd, 0o600));
    // Nobody could set it aside: better a receipt is lost than a disk is filled.
    if (stat.size >= MOST_BYTES) return false;
    const bytes = Buffer.from(endsWhole(fd, stat.size) ? lines : `\n${lines}`);
    return fs.writeSync(fd, bytes) === bytes.length;
  });
}

/** A regular file that is ours alone, and has no other name somewhere. */
const isOurLog = (stat: Stats): boolean => stat.isFile() && stat.nlink === 1 && isOurs(stat);

/** Not after a write that was cut off: by SIGKILL, or by a full disk. */
const endsWhole = (fd: number, size: number): boolean =>
  size === 0 || (readAt(fd, 1, size - 1)[0] ?? NEWLINE) === NEWLINE;

function isLong(file: string): boolean {
  const stat = statOf(file);
  return stat !== undefined && isOurLog(stat) && stat.size >= LONG_BYTES;
}

/**
 * One at a time: the second of two would put the new file, which is short, over the long one. The turn of who
 * died in the middle is over after a while.
 */
function setAside(file: string): void {
  const turn = `${file}.turn`;
  if (quietly(() => withFile(turn, TO_MAKE, () => true))) {
    quietly(() => isLong(file) && fs.renameSync(file, beforeOf(file)));
    quietly(() => fs.unlinkSync(turn));
    return;
  }
  const since = statOf(turn)?.mtimeMs ?? Date.now();
  if (Math.abs(Date.now() - since) > TURN_MS) attempt(() => fs.unlinkSync(turn));
}

export interface LogFile {
  /** Of both files. */
  bytes: number;
  /** Why nothing is appended; null where nothing speaks against it. */
  error: string | null;
}

/** What lies there. Nothing is made or written. */
export function lookAtLog(file: string): LogFile {
  const stat = statOf(file);
  const before = statOf(beforeOf(file));
  const bytes = (stat?.size ?? 0) + (before?.isFile() ? before.size : 0);
  return { bytes, error: stat ? whyNot(file, stat) : null };
}

function whyNot(file: string, stat: Stats): string | null {
  if (!isOurLog(stat)) return 'it is no file of yours alone';
  if (stat.size >= MOST_BYTES) return `it is too long, and cannot be renamed to ${beforeOf(file)}`;
  return attempt(() => fs.accessSync(file, R_OK | W_OK) === undefined) ? null : 'it cannot be written';
}

/** What was written before the file got long. */
const beforeOf = (file: string): string => `${file}.1`;

/** The last lines, oldest first: of each of the two files at most `mostBytes`. */
export function readLines(file: string, mostBytes = MOST_BYTES): string[] {
  for (let tries = 1; ; tries += 1) {
    const now = tailOf(file, mostBytes);
    const before = tailOf(beforeOf(file), mostBytes);
    const isMoved = now !== undefined && now.ino === before?.ino; // it was set aside in between
    if (!isMoved) return [...(before?.lines ?? []), ...(now?.lines ?? [])];
    if (tries === MAX_TRIES) return now.lines;
  }
}

const tailOf = (file: string, mostBytes: number): { ino: number; lines: string[] } | undefined =>
  attempt(() =>
    withFile(file, TO_READ, (fd) => {
      const stat = fs.fstatSync(fd);
      if (!isOurLog(stat)) return undefined;
      const from = Math.max(0, stat.size - mostBytes);
      const lines = readAt(fd, stat.size - from, from)
        .toString()
        .split('\n');
      return { ino: stat.ino, lines: from === 0 ? lines : lines.slice(1) }; // the first is not whole
    }),
  );

const NEWLINE = 10;
const LONG_BYTES = 2 * 2 ** 20;
const MOST_BYTES = LONG_BYTES + 2 ** 20; // beyond what many write at once while one has its turn
const TURN_MS = 10_000;
const MAX_TRIES = 3;
