// Takes things out of their place in one step, a rename: of two removers one gets it, and nobody finds a
// thing half removed.
//   a session:  <root>/<id>      → <root>/.trash/<id>.<claim>
//   a unit:     <parent>/<name>  → <parent>/.qw-trash.<claim>/<name>
// The new name says what it was and who has it. A unit keeps its own name, so that any bytes and any length
// fit. Agents may write where units are: so both directories are opened through no link, and held open until
// all is gone or given back.
import { basename, dirname, join } from 'node:path';
import {
  codeOf,
  ensureDirectory,
  fs,
  type OpenDirectory,
  openBelow,
  type Stats,
  systemError,
} from '../fs.js';
import { isWithin, trashDir } from '../root/layout.js';
import { isMissing } from '../tree/directory.js';
import { giveAccess } from '../tree/level.js';
import { newClaim } from './claim-name.js';

/** Something that is to go. */
export interface Thing {
  kind: 'session' | 'unit';
  /** Where it is. */
  path: string;
  /** A directory above it that nobody but us can swap; of a session its root. */
  base: string;
}

/** A thing that is ours to remove or to give back. */
export interface Claim {
  thing: Thing;
  /** Where it is now. */
  at: string;
  /** The same: the directory that it lies in, and its name there. */
  parent: OpenDirectory;
  name: string;
  /** The system's error where it refused the move: then the thing is removed in place. */
  inPlace?: unknown;
}

/** Why a claim has to stay; undefined where it may go. */
export type Reasons = (claim: Claim) => string | undefined;

/** A path of it that leads nowhere else, whatever is put in the place of a directory above. */
export const heldPath = ({ parent, name }: Claim): string => join(parent.base, name);

/** Things of one directory. */
export interface Claims {
  claims: Claim[];
  /** Those we did not get, with the system's error. */
  unclaimed: { thing: Thing; error: unknown }[];
  /** Where they were. */
  origin: OpenDirectory;
  /** What they were put in, below `origin`. */
  shelfName: string;
  close(): void;
}

/** Prefix of what units are put in. */
export const UNIT_CLAIM = '.qw-trash.';

/** Claims `things`, of one directory and kind. Throws the system's error when that cannot be opened. */
export function claimIn(things: readonly [Thing, ...Thing[]]): Claims {
  const [{ kind, path, base }] = things;
  // Without a base above it nothing says where links on the way begin to count.
  if (!isWithin(base, dirname(path))) throw systemError('EXDEV', `${path} is not in ${base}`);
  const origin = openBelow(base, dirname(path));
  const shelfName = kind === 'session' ? basename(trashDir(base)) : UNIT_CLAIM + newClaim();
  const opened = openShelf(origin, shelfName, kind);
  const close = () => {
    origin.close();
    if ('base' in opened) opened.close();
  };
  const claims: Claim[] = [];
  const unclaimed: Claims['unclaimed'] = [];
  for (const thing of things) {
    try {
      claims.push(claim(thing, origin, shelfName, opened));
    } catch (error) {
      unclaimed.push({ thing, error });
    }
  }
  return { claims, unclaimed, origin, shelfName, close };
}

function claim(
  thing: Thing,
  origin: OpenDirectory,
  shelfName: string,
  opened: OpenDirectory | { refusal: unknown },
): Claim {
  const { kind, path } = thing;
  const name = basename(path);
  const from = join(origin.base, name);
  // A link in its place is not ours, and what is below that is elsewhere.
  if (!lookAt(from).isDirectory() && kind === 'session')
    throw systemError('ENOTDIR', `${path} is no directory`);
  const stay = (inPlace: unknown): Claim => ({ thing, at: path, parent: origin, name, inPlace });
  if ('refusal' in opened) return stay(opened.refusal);
  const newName = kind === 'session' ? `${name}.${newClaim()}` : name;
  try {
    renameGranted(from, join(opened.base, newName), join(origin.base, shelfName));
  } catch (error) {
    if (REFUSES_MOVES.has(codeOf(error) ?? '')) return stay(error);
    // The shelf is gone, not the thing itself: reported, and the next pass tries again.
    const isThere = codeOf(error) === 'ENOENT' && fs.lstatSync(from, { throwIfNoEntry: false });
    throw isThere ? systemError('ESTALE', `${shelfName} was removed`) : error;
  }
  return { thing, at: join(dirname(path), shelfName, newName), parent: opened, name: newName };
}

/** A thing is named by text: one whose name is no UTF-8 cannot be found by it (EILSEQ). */
export function lookAt(path: string): Stats {
  try {
    return fs.lstatSync(path);
  } catch (error) {
    const isOdd = isMissing(error) && basename(path).includes('\ufffd');
    throw isOdd ? systemError('EILSEQ', path) : error;
  }
}

/** Something that is not ours may lie in the place of the trash: then sessions are removed in place. */
function openShelf(
  origin: OpenDirectory,
  name: string,
  kind: Thing['kind'],
): OpenDirectory | { refusal: unknown } {
  const path = join(origin.base, name);
  try {
    ensureDirectory(path);
    return openBelow(path, path);
  } catch (refusal) {
    const isInTheWay = kind === 'session' && leadsElsewhere(refusal) && fs.existsSync(origin.base);
    if (isInTheWay || REFUSES_MOVES.has(codeOf(refusal) ?? '')) return { refusal };
    origin.close();
    throw refusal;
  }
}

/** A directory that we may not write gets no other parent (rename(2), EACCES), and takes no new entry. */
function renameGranted(from: string, to: string, shelf: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    for (const path of [from, shelf]) giveAccess(path);
    fs.renameSync(from, to);
  }
}

/** It is gone, or behind a link by now. */
export const leadsElsewhere = (error: unknown): boolean => LEADS_ELSEWHERE.has(codeOf(error) ?? '');
const LEADS_ELSEWHERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
/** No inode for the shelf; no block for the rename (btrfs); an overlay's lower layer (EXDEV). */
const REFUSES_MOVES = new Set(['ENOSPC', 'EDQUOT', 'EXDEV']);
