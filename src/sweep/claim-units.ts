// Moves units into the trash, and back. A unit lies in directories of the agent, and an agent in a sandbox may swap one of them
// for a link to where only we may write: so the way there goes through descriptors, no link on it is followed.
import { basename, dirname, join } from 'node:path';
import { codeOf, inDirectoryBelow, quietly } from '../fs.js';
import { moveAside, moveToTrash, restoreFromTrash } from '../remove/trash.js';
import { isWithin } from '../root/layout.js';

export interface ClaimOptions {
  /** Directories the units lie below; nobody but us can swap these. */
  bases: readonly string[];
  /** The root whose trash may be used, when it is on the same file system. */
  root: string | undefined;
}

export interface ClaimedUnit {
  /** Where it is now; undefined when it could not be moved, is gone, or is reached through a link by now. */
  trashed: string | undefined;
  /** The system's, when it could not be moved. */
  error?: unknown;
}

/** Moves each of `units` away; what came of it, in their order. */
export function claimUnits(units: readonly string[], options: ClaimOptions): ClaimedUnit[] {
  return neighbours(units).flatMap((group) => {
    try {
      const first = group[0] as string;
      return inParent(first, options.bases, (parent) =>
        group.map((unit) => claimUnit(parent, unit, options.root)),
      );
    } catch (error) {
      return group.map(() => refused(error));
    }
  });
}

function claimUnit(parent: string, path: string, root: string | undefined): ClaimedUnit {
  try {
    const trashed = moveAnywhere(join(parent, basename(path)), root);
    if (trashed === undefined || dirname(trashed) !== parent) return { trashed };
    return { trashed: join(dirname(path), basename(trashed)) }; // the descriptor's name ends here
  } catch (error) {
    return refused(error);
  }
}

const refused = (error: unknown): ClaimedUnit => ({
  trashed: undefined,
  ...(leadsElsewhere(error) ? {} : { error }),
});

/** Puts back what is in use after all; false when its place is taken or gone, or may not be written by now: others wait for theirs. */
export const unclaimUnit = (trashed: string, path: string, bases: readonly string[]): boolean =>
  quietly(() => inParent(path, bases, (parent) => restoreFromTrash(trashed, join(parent, basename(path))))) ??
  false;

/** Those that follow one another in one directory: it is opened once for all. Not too many: it may be moved elsewhere meanwhile. */
function neighbours(units: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const unit of units) {
    const group = groups.at(-1);
    if (group && group.length < TOGETHER && dirname(group[0] as string) === dirname(unit)) group.push(unit);
    else groups.push([unit]);
  }
  return groups;
}

const inParent = <T>(path: string, bases: readonly string[], use: (parent: string) => T): T =>
  inDirectoryBelow(baseOf(path, bases), dirname(path), use);

/** The one `path` lies below. Without it nothing says where links on the way begin to count: it throws `EXDEV`. */
export function baseOf(path: string, bases: readonly string[]): string {
  const base = bases.find((dir) => isWithin(dir, dirname(path)));
  if (base === undefined) throw Object.assign(new Error(`${path} is in none of ${bases}`), { code: 'EXDEV' });
  return base;
}

/** It is gone, or reached through a link by now. */
export const leadsElsewhere = (error: unknown): boolean => LEADS_ELSEWHERE.has(codeOf(error) ?? '');

function moveAnywhere(path: string, root: string | undefined): string | undefined {
  try {
    return root === undefined ? moveAside(path, 'on-trial') : moveToTrash(root, path, 'on-trial');
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return moveAside(path, 'on-trial');
    throw error;
  }
}

const LEADS_ELSEWHERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
const TOGETHER = 32;
