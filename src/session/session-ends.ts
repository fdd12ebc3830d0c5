// Tells who wants to know that a session of a backend has ended: a reaper that clears what that backend left
// elsewhere.

const listeners = new Set<(backend: string) => void>();

/** Calls `listener` after each session's end; gives the undo. */
export function onSessionEnd(listener: (backend: string) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function tellSessionEnd(backend: string): void {
  noteChange();
  for (const listener of listeners) listener(backend);
}

let changes = 0;

/** This process opened a session, named its agent, or ended it; removed one, or passed over all. */
export function noteChange(): void {
  changes += 1;
}

/** How often it did. */
export const sessionChanges = (): number => changes;
