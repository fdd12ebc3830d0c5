// Where things are under a managed root. Pure; nothing else in the code joins these names.
import { join, sep } from 'node:path';

/** A session's name: 8 characters `[a-z0-9]`. Whatever is named otherwise was not made by us. */
export const SESSION_ID = /^[a-z0-9]{8}$/;

/**
 * Longest TMPDIR, in bytes. A socket path may have 107 (`sun_path`, unix(7)); agents append up to 40
 * (`claude-4294967295/claude-http-<hex>.sock`), and Node truncates longer ones without a word.
 */
export const MAX_TMPDIR_BYTES = 48;

// These are asked for by the thousand, and join() takes a microsecond.
export const sessionDir = (root: string, id: string): string => `${root}${sep}${id}`;
export const leaseFile = (dir: string): string => `${dir}${sep}lease.json`;
export const tmpDir = (dir: string): string => `${dir}${sep}tmp`;
/** Whose times say when the disk was full (space/full-note.ts). */
export const fullNote = (dir: string): string => join(dir, 'full');
/** A directory that an isolated session binds into its mount namespace: the proof of who is in it. */
export const markerDir = (dir: string): string => join(dir, 'inside');
/** What the watchdog of an owner locks in each of its roots, for as long as it watches. */
export const lockName = (owner: { pid: number; startTime: number; pidNamespace: string }): string =>
  `.lock-${owner.pid}-${owner.startTime}-${owner.pidNamespace}`;
/** Its pid, start time and pid namespace. */
export const LOCK_NAME = /^\.lock-(\d{1,10})-(\d{1,16})-(\d{0,20})$/;
export const lockFile = (root: string, name: string): string => `${root}${sep}${name}`;
export const trashDir = (root: string): string => join(root, '.trash');
/** The proof that we made `root`; see marker.ts. */
export const rootMarker = (root: string): string => join(root, MARKER);
/** A name to write it under before it is renamed. */
export const rootMarkerDraft = (root: string): string => join(root, `${MARKER}.${newId()}`);

/** The names that markers of a root have, whole ones and drafts. */
export const isMarkerName = (name: string): boolean => name === MARKER || isMarkerDraft(name);
export const isMarkerDraft = (name: string): boolean => /^\.qw-root\.[a-z0-9]{8}$/.test(name);

/** A name that we give something in a root. */
export const isRootEntry = (name: string): boolean =>
  SESSION_ID.test(name) || isMarkerName(name) || /^\.(trash$|reaped$|lock-|qw-trash\.|probe\.)/.test(name);

/**
 * A name that we give something in a session directory: its lease and settings, drafts of both, the note
 * of a full disk, a probe that was killed.
 */
export const isSessionEntry = (name: string): boolean =>
  /^(tmp|inside|full|lease\.json(\.\d+)?|settings-[0-9a-f]{12}\.json(\.\d+)?|\.probe\.\d+\.\d+)$/.test(name);

/** Bytes of the TMPDIR that a session under `root` will have. */
export const tmpdirBytes = (root: string): number =>
  Buffer.byteLength(tmpDir(sessionDir(root, 'x'.repeat(8))));

/** A new name. `mkdir` proves that it is unique, and nobody can look into the root: no secret is needed. */
export const newId = (): string =>
  Array.from({ length: 8 }, () => ALPHABET[Math.floor(Math.random() * 36)]).join('');

/** `path` is `dir` or lies below it, by path component (`/a/b` does not contain `/a/bc`). */
export const isWithin = (dir: string, path: string): boolean =>
  path === dir || path.startsWith(dir.endsWith(sep) ? dir : dir + sep);

/** The session directory whose TMPDIR contains `path`, when that lies under `root`; undefined otherwise. */
export function sessionOfPath(root: string, path: string): string | undefined {
  if (!isWithin(root, path)) return undefined;
  const [id, tmp] = path.slice(root.length + 1).split(sep, 2);
  return id !== undefined && SESSION_ID.test(id) && tmp === 'tmp' ? sessionDir(root, id) : undefined;
}

const MARKER = '.qw-root';
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
