// Makes a session on disk: `<root>/<id>/` with its lease and `tmp/`. Writing the lease is the proof that the
// root can be written: statfs and access(2) know nothing of a user's quota or of a sandbox.
import type { BackendProfile } from '../backends/profile.js';
import { QwRunError, unlessItFails } from '../errors.js';
import { codeOf, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { leaseFiles, writeLease } from '../lease/lease-file.js';
import { hereAs, ownOwner } from '../lease/owner.js';
import { markerDir, newId, SESSION_ID, sessionDir, tmpDir } from '../root/layout.js';
import { isFull, probe } from '../space/probe.js';
import type { Settings } from './settings.js';
import { dirSync } from './tmp-promise.js';

/** Hears of a session's directory before it exists; gives the name of its owner's lock. */
export type Announce = (dir: string) => string | undefined;

/** A lease before it is known whose it is. */
type NewLease = Omit<Lease, 'version' | 'id' | 'lock'>;

/** The lease of a session that begins now. */
export function newLease(
  { label, command, cwd, survivors, spare, keep, env }: Settings,
  profile: BackendProfile,
  owner = ownOwner(),
): NewLease {
  return {
    ...(label === undefined ? {} : { label }),
    backend: profile.name,
    command,
    cwd,
    createdAt: new Date().toISOString(),
    bootedAt: Math.round(hereAs(owner).bootAt),
    owner,
    ...(SESSION_ID.test(env['QW_SESSION'] ?? '') ? { parent: env['QW_SESSION'] as string } : {}),
    ...(keep ? { keep } : {}),
    ...(survivors === 'keep' ? { survivors } : {}),
    ...(spare.length > 0 ? { spare } : {}),
  };
}

/**
 * A new session directory under `root`.
 * @throws QwRunError `ERR_QW_NO_SPACE`, `ERR_QW_ROOT_UNUSABLE`, having removed what it made
 */
export function createSession(
  root: string,
  announce: Announce,
  begun: NewLease,
): { dir: string; lease: Lease } {
  const { id, lock } = makeUniqueDir(root, announce);
  const dir = sessionDir(root, id);
  try {
    const lease: Lease = { version: 1, id, ...begun, ...(lock === undefined ? {} : { lock }) };
    fs.chmodSync(dir, 0o700); // the umask may have taken from it
    writeLease(dir, lease);
    fs.mkdirSync(tmpDir(dir), 0o700);
    fs.chmodSync(tmpDir(dir), 0o700);
    probe(dir);
    return { dir, lease };
  } catch (cause) {
    takeBack(dir);
    throw unusable(root, cause);
  }
}

/** Only what was just made can be in there. What a failing disk keeps from us goes later, by lease or age. */
export function takeBack(dir: string): void {
  // The error that brought us here is the one to report.
  for (const path of leaseFiles(dir)) unlessItFails(() => fs.unlinkSync(path));
  for (const path of [tmpDir(dir), markerDir(dir), dir]) unlessItFails(() => fs.rmdirSync(path));
}

/** mkdir decides whose the name is: ours, or it fails. */
function makeUniqueDir(root: string, announce: Announce): { id: string; lock: string | undefined } {
  for (let tries = 1; ; tries += 1) {
    const id = newId();
    const lock = announce(sessionDir(root, id));
    try {
      dirSync({ tmpdir: root, name: id, mode: 0o700, keep: true });
      return { id, lock };
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
    isFull(cause) ? 'ERR_QW_NO_SPACE' : 'ERR_QW_ROOT_UNUSABLE',
    `root ${root} cannot be written (${codeOf(cause) ?? String(cause)})${ADVICE[codeOf(cause) ?? ''] ?? ''}`,
    { path: root, cause },
  );

const ADVICE: Record<string, string> = {
  ENOSPC: ': no space or no inodes left there; see df -h and df -i, or name another --root',
  EDQUOT: ': your disk quota there is used up; see quota -s, or name another --root',
  EFBIG: ': this process may write almost nothing; see ulimit -f',
  EROFS: ': its file system is read-only; name another --root',
};
const MAX_TRIES = 5;
