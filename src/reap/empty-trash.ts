// Finishes what a remover that died had begun. It may have died between its rename and its second look, so this one looks
// too. A session that is in use after all goes back to its place, where the verdict on it is `held`; anything else waits here.
import { basename, join } from 'node:path';
import { fs, quietly } from '../fs.js';
import { shellQuote } from '../options.js';
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
  return [...roots.flatMap(strange), ...[...results.values()].flat()];
}

/** What else is called `.trash`, a link too, is not ours to remove. Sessions are moved aside without it. */
function strange(root: string): Failure[] {
  const path = trashDir(root);
  const there = quietly(() => fs.lstatSync(path, { throwIfNoEntry: false }));
  if (!there || there.isDirectory()) return [];
  return [{ path, reason: 'is no directory of ours', hint: `mv ${shellQuote(path)} ~/` }];
}

/** What it was called in its root. */
const nameOf = (trashed: string): string => {
  const name = withoutClaim(basename(trashed));
  return name.startsWith(ASIDE) ? name.slice(ASIDE.length) : name;
};
