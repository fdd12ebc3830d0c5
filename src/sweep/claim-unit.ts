// Moves a unit into the trash, and back. A unit lies in directories of the agent, and an agent in a sandbox may swap one of them
// for a link to where only we may write: so the way there goes through descriptors, no link on it is followed.
import { basename, dirname, join } from 'node:path';
import { codeOf, inDirectoryBelow } from '../fs.js';
import { moveAside, moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { isWithin } from '../root/layout.js';

export interface ClaimOptions {
  /** Directories the units lie below; nobody but us can swap these. */
  bases: readonly string[];
  /** The root whose trash may be used, when it is on the same file system. */
  root: string | undefined;
}

/** Gives the unit's new path; undefined when it is gone, or reached through a link by now. Throws the system's error. */
export function claimUnit(path: string, { bases, root }: ClaimOptions): string | undefined {
  try {
    return inParent(path, bases, (parent) => {
      const trashed = moveAnywhere(join(parent, basename(path)), root);
      if (trashed === undefined || dirname(trashed) !== parent) return trashed;
      return join(dirname(path), basename(trashed)); // the descriptor's name ends here
    });
  } catch (error) {
    if (LEADS_ELSEWHERE.has(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Puts back what is in use after all; false when its place is taken or gone. */
export function unclaimUnit(trashed: string, path: string, bases: readonly string[]): boolean {
  try {
    return inParent(path, bases, (parent) => restoreFromTrash(trashed, join(parent, basename(path))));
  } catch (error) {
    if (LEADS_ELSEWHERE.has(codeOf(error) ?? '')) return false;
    throw error;
  }
}

function inParent<T>(path: string, bases: readonly string[], use: (parent: string) => T): T {
  const base = bases.find((dir) => isWithin(dir, dirname(path))) ?? dirname(path);
  return inDirectoryBelow(base, dirname(path), use);
}

function moveAnywhere(path: string, root: string | undefined): string | undefined {
  try {
    return root === undefined ? moveAside(path, 'on-trial') : moveToTrash(root, path, 'on-trial');
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return moveAside(path, 'on-trial');
    throw error;
  }
}

const LEADS_ELSEWHERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
