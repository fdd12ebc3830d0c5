// Finishes what a remover that died had begun.
import { type Failure, removeTrees } from '../remove/remove-tree.js';
import { ASIDE, claimLeftovers } from '../remove/trash.js';
import { trashDir } from '../root/layout.js';

/** Empties the trash of `roots`, except what a living process is removing. */
export async function emptyTrash(roots: readonly string[]): Promise<Failure[]> {
  const leftovers = (root: string) => [...claimLeftovers(trashDir(root)), ...claimLeftovers(root, ASIDE)];
  const results = await removeTrees(roots.flatMap(leftovers));
  return [...results.values()].flat();
}
