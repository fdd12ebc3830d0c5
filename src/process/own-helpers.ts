// Processes that do work for this one alone. Whatever they have open in a session is no use of it: they look at
// it, or remove it, for us.
import type { Snapshot } from './snapshot.js';

const pids = new Set<number>();

/** Names one; gives the undo. */
export function ownHelper(pid: number): () => void {
  pids.add(pid);
  return () => void pids.delete(pid);
}

/** All of them that were seen, with what they started. */
export function helpersIn({ processes }: Snapshot): number[] {
  const found = new Set(pids);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, ppid } of processes.values()) if (found.has(ppid)) found.add(pid);
  }
  return [...found];
}
