// Gives ourselves access to the directories of a tree that is to be removed: `rm` cannot empty one that is
// read-only. Every step goes through a descriptor (/proc/self/fd/N), so a directory swapped for a link in
// between is not followed and nothing outside the tree changes its mode. Files are left as they are: another
// name of theirs may be outside.
import { attempt, fs, O_DIRECTORY, O_NOFOLLOW, O_PATH, O_RDONLY } from '../fs.js';
import { ownUid } from '../root/guard.js';

/** Makes every directory of ours at and below `path` readable, writable and searchable for us. */
export function grantAccess(path: string): void {
  if (process.platform === 'win32') return;
  grant(Buffer.from(path), 0);
}

/** The same for one directory alone. */
export const grantOne = (path: string): void => grant(Buffer.from(path), MAX_DEPTH);

function grant(path: Buffer, depth: number): void {
  const fd = attempt(() => fs.openSync(path, (isLinux ? O_PATH : O_RDONLY) | O_DIRECTORY | O_NOFOLLOW));
  if (fd === undefined) return;
  try {
    const handle = isLinux ? Buffer.from(`/proc/self/fd/${fd}`) : path;
    const { uid, mode } = fs.fstatSync(fd);
    if (uid === ownUid() && (mode & 0o700) !== 0o700)
      attempt(() => fs.chmodSync(handle, (mode & 0o7777) | 0o700));
    if (depth < MAX_DEPTH)
      for (const name of subdirectories(handle)) grant(Buffer.concat([handle, SLASH, name]), depth + 1);
  } finally {
    fs.closeSync(fd);
  }
}

const subdirectories = (dir: Buffer): Buffer[] =>
  (attempt(() => fs.readdirSync(dir, { withFileTypes: true, encoding: 'buffer' })) ?? [])
    .filter((entry) => entry.isDirectory())
    .map((entry) => Buffer.from(entry.name));

const isLinux = process.platform === 'linux';
const SLASH = Buffer.from('/');
const MAX_DEPTH = 400; // a descriptor a level; below that rm may have to leave something, and it is reported
