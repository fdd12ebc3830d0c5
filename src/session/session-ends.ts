// Tells who wants to know that a session of a backend has ended: a reaper that clears what that backend left
// elsewhere.

const listeners = new Set<(backend: string) => void>();

/** Calls `listener` after each session's end; gives the undo. */
export function onSessionEnd(listener: (backend: string) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function tellSessionEnd(backend: string): void {
  for (const listener of listeners) listener(backend);
}
