// A root we may remove things under: a real directory of ours, 0700, below ancestors nobody else can rename.
// Anything less lets another user swap a directory for a link between our look and our `rm`.
import { basename, dirname, join, resolve } from 'node:path';
import { QwRunError } from '../errors.js';
import { attempt, codeOf, fs } from '../fs.js';
import { printable, quote, shellQuote } from '../options.js';
import { MAX_TMPDIR_BYTES, tmpdirBytes } from './layout.js';

/**
 * Makes `wanted` (its last component only) where it is missing, and checks it.
 * @returns its real path
 * @throws QwRunError `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`
 */
export function prepareRoot(wanted: string): string {
  const path = canonical(wanted);
  refuseBadName(path);
  checkAncestors(path);
  makeRoot(path);
  checkOwnDirectory(path);
  return path;
}

/**
 * What `prepareRoot` would say, making nothing.
 * @returns the path it would use, and whether it is there already
 * @throws QwRunError as `prepareRoot`
 */
export function considerRoot(wanted: string): { path: string; exists: boolean } {
  const path = canonical(wanted);
  refuseBadName(path);
  checkAncestors(path);
  const exists = attempt(() => fs.lstatSync(path)) !== undefined;
  if (exists) checkOwnDirectory(path);
  return { path, exists };
}

/**
 * Checks a root that exists, changing nothing.
 * @throws QwRunError as `prepareRoot`
 */
export function checkRoot(wanted: string): string {
  const path = canonical(wanted);
  checkAncestors(path);
  checkOwnDirectory(path);
  return path;
}

/** The parent resolved, the last component as it is: a link there has to be seen, not followed. */
function canonical(wanted: string): string {
  const path = attempt(() => resolve(wanted)) ?? wanted; // relative to a working directory that was removed
  try {
    return join(fs.realpathSync.native(dirname(path)), basename(path));
  } catch (cause) {
    throw unusable(
      path,
      `its parent cannot be used (${codeOf(cause)}); make it first: mkdir -p ${shellQuote(dirname(path))}`,
      cause,
    );
  }
}

function refuseBadName(path: string): void {
  if (printable(path) !== path) throw unsafe(path, 'its name holds control characters; choose another');
  const bytes = tmpdirBytes(path);
  if (bytes <= MAX_TMPDIR_BYTES) return;
  throw new QwRunError(
    'ERR_QW_ROOT_TOO_LONG',
    `root ${quote(path)} is too long: a TMPDIR below it has ${bytes} bytes, and beyond ${MAX_TMPDIR_BYTES} the unix sockets agents make there no longer fit; choose one of at most ${MAX_TMPDIR_BYTES - 13} bytes`,
    { path },
  );
}

function checkAncestors(root: string): void {
  if (process.platform === 'win32') return;
  for (let path = dirname(root); ; path = dirname(path)) {
    const { uid, mode } = fs.lstatSync(path);
    if (!isTrusted(uid)) throw unsafe(root, `${quote(path)} belongs to uid ${uid}, who could swap it`);
    if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0)
      throw unsafe(root, `${quote(path)} is writable by others; chmod go-w it, or choose another root`);
    if (path === dirname(path)) return;
  }
}

function makeRoot(path: string): void {
  try {
    fs.mkdirSync(path, 0o700);
    fs.chmodSync(path, 0o700); // the umask may have taken from it
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST')
      throw unusable(path, `it cannot be made (${codeOf(cause)}); choose another root`, cause);
  }
}

function checkOwnDirectory(path: string): void {
  const stat = attempt(() => fs.lstatSync(path));
  if (!stat) throw unusable(path, 'it is not there or cannot be seen');
  if (stat.isSymbolicLink()) throw unsafe(path, 'it is a link; name the directory itself');
  if (!stat.isDirectory()) throw unsafe(path, 'it is not a directory');
  if (process.platform === 'win32') return;
  if (stat.uid !== ownUid())
    throw unsafe(path, `it belongs to uid ${stat.uid}, not to us; choose another root`);
  if ((stat.mode & 0o777) !== 0o700)
    throw unsafe(
      path,
      `its mode is ${(stat.mode & 0o777).toString(8).padStart(4, '0')}, not 0700; if nothing but qw-run uses it: chmod 700 ${shellQuote(path)}`,
    );
}

/** Root and we ourselves. In a user namespace that maps no root (bubblewrap), root's files show the overflow uid. */
const isTrusted = (uid: number): boolean =>
  uid === 0 || uid === ownUid() || (uid === OVERFLOW_UID && !mapsRoot());

export const ownUid = (): number => process.getuid?.() ?? -1;

const mapsRoot = (): boolean => {
  const map = attempt(() => fs.readFileSync('/proc/self/uid_map', 'utf8')) ?? '0 0 4294967295';
  // Only a map that starts at the parent's uid 0 can show root's files as root's.
  return map.split('\n').some((line) => line.trim().split(/\s+/)[1] === '0');
};

const OVERFLOW_UID = 65534; // /proc/sys/kernel/overflowuid, user_namespaces(7)

const unsafe = (path: string, why: string) =>
  new QwRunError('ERR_QW_ROOT_UNSAFE', `root ${quote(path)} is not safe: ${why}`, { path });
const unusable = (path: string, why: string, cause?: unknown) =>
  new QwRunError(
    codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT' ? 'ERR_QW_NO_SPACE' : 'ERR_QW_ROOT_UNUSABLE',
    `root ${quote(path)} cannot be used: ${why}`,
    { path, cause },
  );
