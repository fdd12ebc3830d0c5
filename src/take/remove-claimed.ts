// Removes claimed sessions. Agents may write in the root as we do: so what is removed is named in the open
// directory of the session, and a link in its place leads nowhere.
import { join } from 'node:path';
import { type OpenDirectory, openDirectory, quietly, whileOpen } from '../fs.js';
import { type Failure, unseenFailure } from '../remove/failure.js';
import { removeFrom, removeSmall } from '../remove/remove-from.js';
import { isSmallTree } from '../remove/remove-tree.js';
import { type Claim, heldPath, leadsElsewhere } from './claim.js';

/**
 * Removes the sessions `names` of `parent`, which people know as `shown`; returns what could not be removed,
 * by name. The lease goes last, and not at all where something of the TMPDIR stays.
 */
export async function removeClaimed(
  parent: OpenDirectory,
  shown: string,
  names: readonly string[],
): Promise<Map<string, Failure[]>> {
  const failures = new Map<string, Failure[]>();
  for (const name of names) {
    const failed = await removeTmp(join(parent.base, name), join(shown, name));
    if (failed.length > 0) failures.set(name, failed);
  }
  const free = names.filter((name) => !failures.has(name));
  return new Map([...failures, ...(await removeFrom(parent, shown, free))]);
}

/** The same of a small one, in this process; false where it is large, and still whole, or stays. */
export async function isRemovedAtOnce(claim: Claim): Promise<boolean> {
  const session = quietly(() => openDirectory(heldPath(claim)));
  const isEmptied =
    session &&
    (await whileOpen(
      session,
      async () => (await isSmallTree(session, 'tmp')) && removeSmall(session, 'tmp'),
    ));
  return isEmptied === true && removeSmall(claim.parent, claim.name);
}

async function removeTmp(self: string, shown: string): Promise<Failure[]> {
  try {
    const failed = await whileOpen(openDirectory(self), (session) => removeFrom(session, shown, ['tmp']));
    return failed.get('tmp') ?? [];
  } catch (error) {
    if (leadsElsewhere(error)) return []; // somebody was faster, or the link itself is all that goes
    return [unseenFailure(shown, error)];
  }
}
