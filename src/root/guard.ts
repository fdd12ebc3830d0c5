// A root we may remove things under: a real directory of ours, 0700, below ancestors nobody else can rename.
// Anything less lets another user swap a directory for a link between our look and our `rm`.
import { basename, dirname, join, resolve } from 'node:path';
import { QwRunError, type QwRunErrorCode } from '../errors.js';
import { attempt, codeOf, fs, isFullCode, statOf } from '../fs.js';
import { printable, quote, shellQuote } from '../quote.js';
import { MAX_TMPDIR_BYTES, tmpdirBytes } from './layout.js';
import { isEmpty, makeRoot, markEmpty } from './make-root.js';
import { isMarked, readMarker } from './marker.js';
import { type Mount, readMounts } from './mounts.js';
import { muteOn, unseen } from './mute.js';
import { isOurs, isTrusted, othersWrite, ownUid } from './trusted.js';

/** `empty`: nobody opened a session there yet, and it may become a root. */
export type RootState = 'missing' | 'empty' | 'root';

/**
 * Makes `wanted` (its last component only) a root where it is missing or empty, and checks it.
 * @returns its real path
 * @throws QwRunError `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`,
 *   `ERR_QW_ROOT_NOT_OURS`
 */
export function prepareRoot(wanted: string): string {
  const { path, state } = considerRoot(wanted);
  if (state === 'root') return path;
  try {
    if (state === 'missing') makeRoot(path);
    if (stateOf(path) === 'empty' && !markEmpty(path)) throw notOurs(path, FOREIGN);
  } catch (cause) {
    if (cause instanceof QwRunError) throw cause;
    throw unusable(path, `it cannot be made (${codeOf(cause)}); choose another root`, cause);
  }
  return checkRoot(path);
}

/**
 * What `prepareRoot` would say, making nothing. `mounts`: who has many to consider reads the table once.
 * @returns the path it would use, and what is there
 * @throws QwRunError as `prepareRoot`
 */
export function considerRoot(
  wanted: string,
  mounts: readonly Mount[] = readMounts(),
): { path: string; state: RootState } {
  const path = canonical(wanted, mounts);
  refuseBadName(path);
  checkAncestors(path);
  return { path, state: stateOf(path) };
}

/**
 * Checks a root that exists, changing nothing.
 * @throws QwRunError as `prepareRoot`
 */
export function checkRoot(wanted: string, mounts: readonly Mount[] = readMounts()): string {
  const path = canonical(wanted, mounts);
  checkAncestors(path);
  const state = stateOf(path);
  if (state === 'missing') throw unusable(path, 'it is not there or cannot be seen');
  if (state === 'empty') throw notOurs(path, 'no session was opened there yet');
  return path;
}

/** The parent resolved, the last component as it is: a link there has to be seen, not followed. */
function canonical(wanted: string, mounts: readonly Mount[]): string {
  const path = attempt(() => resolve(wanted)) ?? wanted; // relative to a working directory that was removed
  refuseMute(path, mounts);
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

/** Looking at it could hang for good. */
function refuseMute(path: string, mounts: readonly Mount[]): void {
  const mount = muteOn(path, mounts);
  if (!mount) return;
  const { reason, hint } = unseen(path, mount);
  throw unusable(path, `${reason}; ${hint && `${hint}, or `}choose another root`);
}

function refuseBadName(path: string): void {
  if (printable(path) !== path) throw unsafe(path, 'its name holds control characters; choose another');
  const bytes = tmpdirBytes(path);
  if (bytes <= MAX_TMPDIR_BYTES) return;
  const why =
    `is too long: a TMPDIR below it has ${bytes} bytes, and beyond ${MAX_TMPDIR_BYTES} the unix sockets ` +
    `agents make there no longer fit; choose one of at most ${MAX_TMPDIR_BYTES - 13} bytes`;
  throw refusal('ERR_QW_ROOT_TOO_LONG', path, why);
}

function checkAncestors(root: string): void {
  if (process.platform === 'win32') return;
  for (let path = dirname(root); ; path = dirname(path)) {
    const { uid, mode } = fs.lstatSync(path);
    if (!isTrusted(uid)) throw unsafe(root, `${quote(path)} belongs to uid ${uid}, who could swap it`);
    if (othersWrite(mode) && (mode & 0o1000) === 0)
      throw unsafe(
        root,
        `${quote(path)} is writable by others; ${chmodFor(path, { uid, mode })}, or choose another root`,
      );
    if (path === dirname(path)) return;
  }
}

/** All may write to a temp directory: it lacks the sticky bit, which keeps their files apart. */
function chmodFor(path: string, { uid, mode }: { uid: number; mode: number }): string {
  const sudo = uid === ownUid() || ownUid() === 0 ? '' : 'sudo ';
  return `${sudo}chmod ${(mode & 0o002) !== 0 ? '+t' : 'go-w'} ${shellQuote(path)}`;
}

/** What is there, where it may be a root. */
function stateOf(path: string): RootState {
  const stat = statOf(path);
  if (!stat) return 'missing';
  if (stat.isSymbolicLink()) throw unsafe(path, 'it is a link; name the directory itself');
  if (!stat.isDirectory()) throw unsafe(path, 'it is not a directory');
  if (!isOurs(stat)) throw unsafe(path, `it belongs to uid ${stat.uid}, not to us; choose another root`);
  const state = lookInside(path);
  const mode = stat.mode & 0o777;
  if (process.platform !== 'win32' && mode !== 0o700 && (state || (mode & 0o400) === 0))
    throw unsafe(
      path,
      `its mode is ${mode.toString(8).padStart(4, '0')}, not 0700; if nothing but qw-run uses it: chmod ` +
        `700 ${shellQuote(path)}`,
    );
  return state ?? refuseForeign(path);
}

/** Undefined for what is no root and may not become one. */
function lookInside(path: string): RootState | undefined {
  try {
    return isMarked(path) ? 'root' : isEmpty(path) ? 'empty' : undefined;
  } catch (cause) {
    throw unusable(path, `it cannot be looked into (${codeOf(cause)})`, cause);
  }
}

/** Looks again: between our two looks somebody may have made it a root, with a session in it. */
function refuseForeign(path: string): 'root' {
  const marker = readMarker(path);
  if (marker.kind === 'good') return 'root';
  throw notOurs(path, marker.kind === 'bad' ? `its .qw-root ${marker.why}` : FOREIGN);
}

const FOREIGN = 'it was not made by qw-run, and something is in it';

const notOurs = (path: string, why: string) =>
  refusal(
    'ERR_QW_ROOT_NOT_OURS',
    path,
    `is not ours: ${why}; nothing there is touched; name a new directory, for example ~/qw`,
  );
const unsafe = (path: string, why: string) => refusal('ERR_QW_ROOT_UNSAFE', path, `is not safe: ${why}`);
const unusable = (path: string, why: string, cause?: unknown) =>
  refusal(
    isFullCode(codeOf(cause)) ? 'ERR_QW_NO_SPACE' : 'ERR_QW_ROOT_UNUSABLE',
    path,
    `cannot be used: ${why}`,
    cause,
  );
const refusal = (code: QwRunErrorCode, path: string, why: string, cause?: unknown) =>
  new QwRunError(code, `root ${quote(path)} ${why}`, { path, cause });
