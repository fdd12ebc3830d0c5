// Removes a unit where it is. A quota of btrfs that is used up refuses even a rename, and removing is what makes room there. Nothing holds
// the unit by a name of ours then, so its parent is held open, reached through no link: what is looked at is what is removed, wherever
// its path leads meanwhile.
import { basename, dirname, join } from 'node:path';
import { codeOf, fs, stayInDirectoryBelow } from '../fs.js';
import { grantAccess } from '../remove/grant-access.js';
import { removeFromOpen } from '../remove/remove-through-descriptors.js';
import { type Failure, mountFailures, moveFailure } from '../remove/remove-tree.js';
import { baseOf, leadsElsewhere } from './claim-units.js';
import { examine } from './examine.js';
import { freshAfter } from './find-stale.js';

export interface InPlaceOptions {
  /** Directories nobody but us can swap; it lies below one of them. */
  bases: readonly string[];
  maxAgeMs: number;
  /** Why it could not be moved: told of what stays. */
  error: unknown;
}

export interface InPlaceResult {
  isRemoved: boolean;
  failed: Failure[];
}

/** Removes what is at `path`, held by nobody, if it is still stale. Never throws the system's errors. */
export async function removeInPlace(path: string, options: InPlaceOptions): Promise<InPlaceResult> {
  const { bases, maxAgeMs, error } = options;
  try {
    return await stayInDirectoryBelow(baseOf(path, bases), dirname(path), async (parent) => {
      const self = join(parent, basename(path));
      const { reason } = await examine(self, { freshAfter: freshAfter(maxAgeMs) });
      if (reason) return KEPT;
      const mounted = mountFailures(join(fs.readlinkSync(parent), basename(path)));
      return mounted.length > 0 ? { isRemoved: false, failed: mounted } : await remove(parent, path, error);
    });
  } catch (refusal) {
    if (codeOf(refusal) === undefined) throw refusal;
    return leadsElsewhere(refusal) ? KEPT : { isRemoved: false, failed: [moveFailure(path, error)] };
  }
}

async function remove(parent: string, path: string, error: unknown): Promise<InPlaceResult> {
  const self = join(parent, basename(path));
  const isGone = () => fs.lstatSync(self, { throwIfNoEntry: false }) === undefined;
  await removeFromOpen(parent, path);
  if (isGone()) return { isRemoved: true, failed: [] };
  grantAccess(self); // read-only directories keep their entries from us
  const { stderr } = await removeFromOpen(parent, path);
  if (isGone()) return { isRemoved: true, failed: [] };
  const failure = moveFailure(path, /^.*: EPERM/.test(stderr) ? { code: 'EPERM' } : error);
  const [reason = ''] = stderr.split('\n');
  return { isRemoved: false, failed: [{ ...failure, reason: reason || failure.reason }] };
}

const KEPT: InPlaceResult = { isRemoved: false, failed: [] };
