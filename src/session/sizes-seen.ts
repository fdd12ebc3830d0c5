// How large the open sessions of this process were, as far as somebody measured them anyway: a list did.
import type { Size } from '../tree/reclaimable.js';

const hearers = new Map<string, (size: Size) => void>();

/** Calls `hear` whenever the session in `dir` was measured; gives the undo. */
export function onSizeSeen(dir: string, hear: (size: Size) => void): () => void {
  hearers.set(dir, hear);
  return () => void hearers.delete(dir);
}

/** Of any session: most are of other processes. */
export const noteSize = ({ dir, bytes, entries }: Size & { dir: string }): void =>
  hearers.get(dir)?.({ bytes, entries });
