// Removal that nobody waits for: a process of its own finishes what we claimed and let go of, by the road
// that every finisher goes. What it cannot remove is in the trash, for every later pass.
import { startFinisher } from '../process/own-programs.js';
import { otherRemover } from '../remove/elsewhere.js';

/** What the helper may take over, and has not answered yet. */
const offered = new Set<{ root: string }>();

/** Removes what lies in the trash of `root` and is in nobody's hand. Never throws, and returns at once. */
export async function removeLater(root: string): Promise<void> {
  const other = otherRemover();
  if (!other) return startRemoval(root);
  if (offered.size === 0) process.on('exit', startOffered);
  const offer = { root };
  offered.add(offer);
  const isTaken = await other.removeLater(root);
  offered.delete(offer);
  if (offered.size === 0) process.off('exit', startOffered);
  if (!isTaken) startRemoval(root);
}

function startOffered(): void {
  for (const root of new Set([...offered].map((offer) => offer.root))) startRemoval(root);
}

/** The same, by a process that this one starts. */
export const startRemoval = (root: string): void => startFinisher(['finish', root]);
