// The proof that a directory is a root of ours: a small file in it that names the directory's own inode. The
// marker of a copy names another inode and counts for nothing. The device is not named: its number changes at
// a reboot.
import { attempt, fs, inDirectory, quietly, readAt, statOf, TO_MAKE, TO_READ, withFile } from '../fs.js';
import { rootMarker, rootMarkerDraft } from './layout.js';
import { isOurs } from './trusted.js';

/** What a directory has for a marker; `why` for people. */
export type FoundMarker = { kind: 'good' } | { kind: 'none' } | { kind: 'bad'; why: string };

/** Throws the system's error where that says nothing of the marker (no descriptor left). */
export function readMarker(dir: string): FoundMarker {
  const inode = inodeOf(dir);
  const file = rootMarker(dir);
  return attempt(() => withFile(file, TO_READ, (fd) => judge(fd, inode))) ?? whyClosed(file);
}

function judge(fd: number, inode: bigint | undefined): FoundMarker {
  const stat = fs.fstatSync(fd);
  if (!stat.isFile()) return bad('is no regular file');
  if (!isOurs(stat)) return bad(`belongs to uid ${stat.uid}`);
  if (stat.size > MAX_BYTES) return bad('is too large');
  const text = quietly(() => readAt(fd, MAX_BYTES).toString()) ?? '';
  const named = /^\{"version":1,"inode":"(\d+)"\}\n$/.exec(text)?.[1];
  if (named === undefined) return bad('is damaged');
  return BigInt(named) === inode ? { kind: 'good' } : bad('names another directory: this one is a copy');
}

function whyClosed(file: string): FoundMarker {
  const stat = statOf(file);
  if (!stat) return { kind: 'none' };
  if (stat.isSymbolicLink()) return bad('is a link');
  return !isOurs(stat) ? bad(`belongs to uid ${stat.uid}`) : bad('cannot be opened');
}

const bad = (why: string): FoundMarker => ({ kind: 'bad', why });

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
      withFile(draft, TO_MAKE, (fd) => write(fd, `{"version":1,"inode":"${ino}"}\n`));
      fs.renameSync(draft, rootMarker(base));
    } catch (error) {
      quietly(() => fs.unlinkSync(draft));
      throw error;
    }
  });
}

function write(fd: number, text: string): void {
  // systemd-tmpfiles leaves sticky files alone. Some systems allow only root to set the bit.
  for (const mode of [0o1600, 0o600]) if (quietly(() => fs.fchmodSync(fd, mode) ?? true)) break;
  fs.writeFileSync(fd, text);
  quietly(() => fs.fsyncSync(fd)); // an empty one after a power cut would make the root a stranger
}

const MAX_BYTES = 256;
