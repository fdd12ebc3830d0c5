// A claimed thing that is in use goes back to its place. What can be neither given back nor removed waits for
// the next pass.
import { basename, dirname, join } from 'node:path';
import { codeOf, fs, type OpenDirectory, quietly, systemError } from '../fs.js';
import { type Claim, type Claims, heldPath, UNIT_CLAIM } from './claim.js';
import { freeClaim } from './claim-name.js';

/** Puts a thing back. False when something is in its place again, or the system refuses: then it stays. */
export function giveBack(claim: Claim, origin: OpenDirectory): boolean {
  const { thing, inPlace } = claim;
  if (inPlace !== undefined) return true;
  const from = heldPath(claim);
  const to = join(origin.base, basename(thing.path));
  return succeeds(() => {
    if (fs.lstatSync(to, { throwIfNoEntry: false })) throw systemError('EEXIST', to);
    // rename(2) would replace a file that came meanwhile; link(2) does not.
    if (fs.lstatSync(from).isDirectory() || !isLinked(from, to)) fs.renameSync(from, to);
    else fs.unlinkSync(from);
  });
}

/** False where the file system has no hard links. Something in its place is an error. */
function isLinked(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (NO_LINKS.has(codeOf(error) ?? '')) return false;
    throw error;
  }
}

/** Lets go of a session so that the next pass takes it over. Returns where it is then. */
export function abandonSession(claim: Claim): string {
  const { thing, at, parent } = claim;
  const freed = `${basename(thing.path)}.${freeClaim()}`;
  return succeeds(() => fs.renameSync(heldPath(claim), join(parent.base, freed)))
    ? join(dirname(at), freed)
    : at; // the next pass after our death takes it
}

/** The same for all units still on one shelf. Removes an empty shelf; returns the new name of any other. */
export function leaveShelf({ origin, shelfName }: Pick<Claims, 'origin' | 'shelfName'>): string | undefined {
  const path = join(origin.base, shelfName);
  if (succeeds(() => fs.rmdirSync(path))) return undefined;
  const freed = UNIT_CLAIM + freeClaim();
  return succeeds(() => fs.renameSync(path, join(origin.base, freed))) ? freed : shelfName;
}

const succeeds = (act: () => void): boolean => quietly(() => act() ?? true) === true;

const NO_LINKS = new Set(['EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSPC', 'EDQUOT', 'EXDEV', 'ENOSYS']);
