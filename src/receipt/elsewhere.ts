// A home may lie on a mount with a server, and whoever writes there waits for that. The event loop of a
// server does not: its helper process writes then. Who that is, the entry of the library says (src/index.ts).
import type { Receipt } from './receipt.js';

/** Writes a receipt, or loses it. Returns at once, never throws. */
export type OtherWriter = (receipt: Receipt, env: NodeJS.ProcessEnv) => void;

let other: OtherWriter | undefined;

/** From now on what cannot be written without waiting is written by `writer`. */
export function writeReceiptsBy(writer: OtherWriter): void {
  other = writer;
}

export const otherWriter = (): OtherWriter | undefined => other;
