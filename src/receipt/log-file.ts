// The file that receipts are appended to. Many processes do that at once, any of them may be killed in the
// middle, and the disk may be full: a line goes out in one write, and one that was torn spoils no other. What
// has grown long is set aside under another name, and what lay there before is gone.
import {
  attempt,
  codeOf,
  fs,
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  R_OK,
  type Stats,
  W_OK,
} from '../fs.js';
import { makeStateDir } from '../root/state.js';
import { ownUid } from '../root/trusted.js';

/**
 * Appends some lines; false where not all of them are there, or that file is not for us to write. Throws the
 * system's error.
 */
export function append(file: string, lines: string): boolean {
  const first = openToAppend(file);
  const isLong = (first?.size ?? 0) >= LONG_BYTES;
  if (first && isLong) fs.closeSync(first.fd);
  if (isLong) setAside(file);
  const open = isLong ? openToAppend(file) : first;
  if (!open) return false;
  try {
    // Nobody could set it aside: better a receipt is lost than a disk is filled.
    if (open.size >= MOST_BYTES) return false;
    const bytes = Buffer.from(endsWhole(open) ? lines : `\n${lines}`);
    return fs.writeSync(open.fd, bytes) === bytes.length;
  } finally {
    fs.closeSync(open.fd);
  }
}

interface Open {
  fd: number;
  size: number;
}

/** O_APPEND: two at once each add a whole line. O_RDWR does not wait for the reader of a FIFO. */
function openToAppend(file: string): Open | undefined {
  const fd = openOrMake(file);
  const stat = fs.fstatSync(fd);
  if (!isOurs(stat)) {
    fs.closeSync(fd);
    return undefined;
  }
  // The umask may have taken from it; or somebody gave others a look at it.
  if (process.platform !== 'win32' && (stat.mode & 0o777) !== 0o600) attempt(() => fs.fchmodSync(fd, 0o600));
  return { fd, size: stat.size };
}

/** The first receipt of a user makes the directory. */
function openOrMake(file: string): number {
  const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  try {
    return fs.openSync(file, flags, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    makeStateDir(file);
    return fs.openSync(file, flags, 0o600);
  }
}

/** A regular file that is ours alone, and has no other name somewhere. */
const isOurs = (stat: { isFile(): boolean; uid: number; nlink: number }): boolean =>
  stat.isFile() && stat.nlink === 1 && (ownUid() === -1 || stat.uid === ownUid());

/** Not after a write that was cut off: by SIGKILL, or by a full disk. */
function endsWhole({ fd, size }: Open): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || fs.readSync(fd, last, 0, 1, size - 1) === 0 || last[0] === NEWLINE;
}

/**
 * One at a time: the second of two would put the new file, which is short, over the long one. The turn of who
 * died in the middle is over after a while.
 */
function setAside(file: string): void {
  const turn = `${file}.turn`;
  const fd = taken(turn);
  if (fd === undefined) return;
  try {
    const size = attempt(() => fs.lstatSync(file).size) ?? 0;
    if (size >= LONG_BYTES) attempt(() => fs.renameSync(file, beforeOf(file)));
  } finally {
    fs.closeSync(fd);
    attempt(() => fs.unlinkSync(turn));
  }
}

function taken(turn: string): number | undefined {
  try {
    return fs.openSync(turn, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch {
    const since = attempt(() => fs.lstatSync(turn).mtimeMs) ?? Date.now();
    if (Math.abs(Date.now() - since) > TURN_MS) attempt(() => fs.unlinkSync(turn));
    return undefined;
  }
}

export interface LogFile {
  /** Of both files. */
  bytes: number;
  /** Why nothing is appended; null where nothing speaks against it. */
  error: string | null;
}

/** What lies there. Nothing is made or written. */
export function lookAtLog(file: string): LogFile {
  const stat = attempt(() => fs.lstatSync(file, { throwIfNoEntry: false }));
  const before = attempt(() => fs.lstatSync(beforeOf(file), { throwIfNoEntry: false }));
  const bytes = (stat?.size ?? 0) + (before?.isFile() ? before.size : 0);
  return { bytes, error: stat ? whyNot(file, stat) : null };
}

function whyNot(file: string, stat: Stats): string | null {
  if (!isOurs(stat)) return 'it is no file of yours alone';
  if (stat.size >= MOST_BYTES) return `it is too long, and cannot be renamed to ${beforeOf(file)}`;
  return attempt(() => fs.accessSync(file, R_OK | W_OK) === undefined) ? null : 'it cannot be written';
}

/** What was written before the file got long. */
export const beforeOf = (file: string): string => `${file}.1`;

/** The last lines, oldest first: of each of the two files at most `mostBytes`. */
export function readLines(file: string, mostBytes = MOST_BYTES): string[] {
  for (let tries = 1; ; tries += 1) {
    // Both are open before either is read. Set aside in between, the newer one would be read as the older
    // one.
    const now = openToRead(file);
    const before = openToRead(beforeOf(file));
    try {
      const isMoved = now !== undefined && now.ino === before?.ino;
      if (!isMoved || tries === MAX_TRIES)
        return [...(isMoved ? [] : tail(before, mostBytes)), ...tail(now, mostBytes)];
    } finally {
      for (const one of [now, before]) if (one) fs.closeSync(one.fd);
    }
  }
}

interface Readable extends Open {
  ino: number;
}

function openToRead(file: string): Readable | undefined {
  const fd = attempt(() => fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) return undefined;
  const stat = fs.fstatSync(fd);
  if (isOurs(stat)) return { fd, size: stat.size, ino: stat.ino };
  fs.closeSync(fd);
  return undefined;
}

function tail(open: Readable | undefined, mostBytes: number): string[] {
  if (!open) return [];
  const from = Math.max(0, open.size - mostBytes);
  const buffer = Buffer.alloc(open.size - from);
  const lines = buffer.toString('utf8', 0, fs.readSync(open.fd, buffer, 0, buffer.length, from)).split('\n');
  return from === 0 ? lines : lines.slice(1); // the first is not whole
}

const NEWLINE = 10;
const LONG_BYTES = 2 * 2 ** 20;
const MOST_BYTES = LONG_BYTES + 2 ** 20; // beyond what many write at once while one has its turn
const TURN_MS = 10_000;
const MAX_TRIES = 3;
