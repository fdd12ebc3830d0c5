// Finishes what a remover that died had begun. It may have died between its rename and its second look, so this one looks
// too. A session that is in use after all goes back to its place, where the verdict on it is `held`; anything else waits here.
import { basename, join } from 'node:path';
import { type Failure, removeTrees } from '../remove/remove-tree.js';
import {
  ASIDE,
  abandon,
  claimLeftovers,
  condemn,
  isOnTrial,
  restoreFromTrash,
  withoutClaim,
} from '../remove/trash.js';
import { SESSION_ID, trashDir } from '../root/layout.js';
import { lookOnceMore } from './is-used.js';

/** Empties the trash of `roots`, except what a living remover has in hand. */
export async function emptyTrash(roots: readonly string[]): Promise<Failure[]> {
  const leftovers = roots.flatMap((root) => [
    ...claimLeftovers(trashDir(root)).map((trashed) => ({ trashed, dir: join(root, nameOf(trashed)) })),
    ...claimLeftovers(root, ASIDE).map((trashed) => ({ trashed, dir: join(root, nameOf(trashed)) })),
  ]);
  const onTrial = leftovers.filter(({ trashed }) => isOnTrial(trashed));
  const isUsed = await lookOnceMore(onTrial);
  const unused = leftovers.filter(({ trashed, dir }) => {
    if (!isOnTrial(trashed) || !isUsed(trashed, dir)) return true;
    if (!SESSION_ID.test(basename(dir)) || !restoreFromTrash(trashed, dir)) abandon(trashed);
    return false;
  });
  const results = await removeTrees(unused.map(({ trashed }) => condemn(trashed)));
  return [...results.values()].flat();
}

/** What it was called in its root. */
const nameOf = (trashed: string): string => {
  const name = withoutClaim(basename(trashed));
  return name.startsWith(ASIDE) ? name.slice(ASIDE.length) : name;
};
