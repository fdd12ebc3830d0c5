// Finishes what a remover that died had begun.
import { type Failure, removeTree } from '../remove/remove-tree.js';
import { claimLeftovers } from '../remove/trash.js';
import { trashDir } from '../root/layout.js';

/** Empties the trash of `roots`, except what a living process is removing. */
export async function emptyTrash(roots: readonly string[]): Promise<Failure[]> {
  const failed: Failure[] = [];
  for (const path of roots.flatMap((root) => claimLeftovers(trashDir(root))))
    failed.push(...(await removeTree(path)));
  return failed;
}
