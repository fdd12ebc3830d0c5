// The proof that a directory is a root of ours: a small file in it that names the directory's own inode. The
// marker of a copy names another inode and counts for nothing. The device is not named: its number changes at
// a reboot.
import {
  attempt,
  fs,
  inDirectory,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  quietly,
} from '../fs.js';
import { rootMarker, rootMarkerDraft } from './layout.js';
import { ownUid } from './trusted.js';

/** What a directory has for a marker; `why` for people. */
export type FoundMarker = { kind: 'good' } | { kind: 'none' } | { kind: 'bad'; why: string };

/**
 * Follows no link and waits for no FIFO. Throws the system's error where that says nothing of the marker (no
 * descriptor left).
 */
export function readMarker(dir: string): FoundMarker {
  const inode = inodeOf(dir);
  const file = rootMarker(dir);
  const fd = attempt(() => fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) return whyClosed(file);
  try {
    return judge(fd, inode);
  } finally {
    fs.closeSync(fd);
  }
}

function whyClosed(file: string): FoundMarker {
  const stat = attempt(() => fs.lstatSync(file, { throwIfNoEntry: false }));
  if (!stat) return { kind: 'none' };
  if (stat.isSymbolicLink()) return bad('is a link');
  return isAnothers(stat.uid) ? bad(`belongs to uid ${stat.uid}`) : bad('cannot be opened');
}

const isAnothers = (uid: number): boolean => process.platform !== 'win32' && uid !== ownUid();

export const isMarked = (dir: string): boolean => readMarker(dir).kind === 'good';

/** Undefined where it is not there or cannot be seen. */
export const inodeOf = (dir: string): bigint | undefined =>
  attempt(() => fs.lstatSync(dir, { bigint: true }))?.ino;

/**
 * Makes `dir` a root: it has the whole marker or none, whoever dies here. Several may do it at once. Throws
 * the system's error.
 */
export function mark(dir: string): void {
  inDirectory(dir, (base) => {
    const { ino } = fs.statSync(base, { bigint: true });
    const draft = rootMarkerDraft(base);
    try {
      write(draft, `${JSON.stringify({ version: 1, inode: String(ino) })}\n`);
      fs.renameSync(draft, rootMarker(base));
    } catch (error) {
      quietly(() => fs.unlinkSync(draft));
      throw error;
    }
  });
}

function write(file: string, text: string): void {
  const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    // systemd-tmpfiles leaves sticky files alone. Some systems allow only root to set the bit.
    for (const mode of [0o1600, 0o600]) if (quietly(() => fs.fchmodSync(fd, mode) ?? true)) break;
    fs.writeFileSync(fd, text);
    quietly(() => fs.fsyncSync(fd)); // an empty one after a power cut would make the root a stranger
  } finally {
    fs.closeSync(fd);
  }
}

function judge(fd: number, inode: bigint | undefined): FoundMarker {
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) return bad('is no regular file');
  if (isAnothers(stat.uid)) return bad(`belongs to uid ${stat.uid}`);
  if (stat.size > MAX_BYTES) return bad('is too large');
  const buffer = Buffer.alloc(MAX_BYTES);
  const text = quietly(() => buffer.toString('utf8', 0, fs.readSync(fd, buffer, 0, MAX_BYTES, 0)));
  const named = /^\{"version":1,"inode":"(\d+)"\}\n$/.exec(text ?? '')?.[1];
  if (named === undefined) return bad('is damaged');
  return BigInt(named) === inode ? { kind: 'good' } : bad('names another directory: this one is a copy');
}

const bad = (why: string): FoundMarker => ({ kind: 'bad', why });

const MAX_BYTES = 256;
