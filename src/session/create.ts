// Makes a session on disk: `<root>/<id>/` with its lease and `tmp/`. Writing the lease is the proof that the root can be
// written: statfs and access(2) know nothing of a user's quota or of a sandbox.
import { dir as makeDir } from 'tmp-promise';
import { QwRunError } from '../errors.js';
import { codeOf, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { removeTree } from '../remove/remove-tree.js';
import { newId, sessionDir, tmpDir } from '../root/layout.js';

/**
 * A new session directory under `root`. `announce` hears of it before it exists.
 * @throws QwRunError `ERR_QW_ROOT_UNUSABLE`, having removed what it made
 */
export async function createSession(
  root: string,
  announce: (dir: string) => void,
  leaseFor: (id: string) => Lease,
): Promise<{ dir: string; lease: Lease }> {
  const id = await makeUniqueDir(root, announce);
  const dir = sessionDir(root, id);
  const lease = leaseFor(id);
  try {
    writeLease(dir, lease);
    fs.mkdirSync(tmpDir(dir), 0o700);
    return { dir, lease };
  } catch (cause) {
    await removeTree(dir);
    throw unusable(root, cause);
  }
}

/** mkdir decides who has the name: it is ours or it fails. */
async function makeUniqueDir(root: string, announce: (dir: string) => void): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const id = newId();
    announce(sessionDir(root, id));
    try {
      await makeDir({ tmpdir: root, name: id, mode: 0o700, keep: true });
      return id;
    } catch (cause) {
      if (tries === MAX_TRIES || !isTaken(cause)) throw unusable(root, cause);
    }
  }
}

/** tmp looks before it makes, and says so in words. */
const isTaken = (error: unknown): boolean =>
  codeOf(error) === 'EEXIST' || (error instanceof Error && /unique/.test(error.message));

const unusable = (root: string, cause: unknown) =>
  new QwRunError(
    'ERR_QW_ROOT_UNUSABLE',
    `root ${root} cannot be written (${codeOf(cause) ?? String(cause)})${ADVICE[codeOf(cause) ?? ''] ?? ''}`,
    { path: root, cause },
  );

const ADVICE: Record<string, string> = {
  ENOSPC: ': no space or no inodes left there; see df -h and df -i, or name another --root',
  EDQUOT: ': your disk quota there is used up; see quota -s, or name another --root',
  EROFS: ': its file system is read-only; name another --root',
};
const MAX_TRIES = 5;
