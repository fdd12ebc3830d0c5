// Empties a TMPDIR that only spared daemons still know: they have nothing open there, but may come back to it, so the
// directory itself stays, and sockets and FIFOs, which are doors into the daemons, stay with the directories they are in.
import { basename, dirname, join } from 'node:path';
import { inDirectory, quietly } from '../fs.js';
import { emptyThroughDescriptors } from './remove-through-descriptors.js';
import { mountFailures } from './remove-tree.js';

/** Removes all files below `dir`, a session's TMPDIR. Best effort: what stays goes with the directory later. Never throws. */
export async function emptyTree(dir: string): Promise<void> {
  if (mountFailures(dir).length > 0) return;
  const isDoor = (what: { isSocket(): boolean; isFIFO(): boolean }) => what.isSocket() || what.isFIFO();
  // A link in the place of the session or of its TMPDIR leads elsewhere. It is opened before anything is waited for: until then the name holds.
  await quietly(() =>
    inDirectory(dirname(dir), (base) => emptyThroughDescriptors(join(base, basename(dir)), isDoor)),
  );
}
