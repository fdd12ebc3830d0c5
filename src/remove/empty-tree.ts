// Empties a TMPDIR that only spared daemons still know: they have nothing open there, but may come back to it, so the
// directory itself stays, and sockets and FIFOs, which are doors into the daemons, stay with the directories they are in.
import { emptyThroughDescriptors } from './remove-through-descriptors.js';
import { mountFailures } from './remove-tree.js';

/** Removes all files below `dir`. Best effort: what stays goes with the directory later. Never throws. */
export async function emptyTree(dir: string): Promise<void> {
  if (mountFailures(dir).length > 0) return;
  await emptyThroughDescriptors(dir, (what) => what.isSocket() || what.isFIFO());
}
