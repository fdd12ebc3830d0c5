// Finishes what a remover that died had begun.
import { type Failure, removeTree } from '../remove/remove-tree.js';
import { ASIDE, claimLeftovers } from '../remove/trash.js';
import { trashDir } from '../root/layout.js';

/** Empties the trash of `roots`, except what a living process is removing. */
export async function emptyTrash(roots: readonly string[]): Promise<Failure[]> {
  const failed: Failure[] = [];
  const leftovers = (root: string) => [...claimLeftovers(trashDir(root)), ...claimLeftovers(root, ASIDE)];
  for (const path of roots.flatMap(leftovers)) failed.push(...(await removeTree(path)));
  return failed;
}
