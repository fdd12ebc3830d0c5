// What find(1) prints of an entry so that what removing it frees can be added up: its blocks, and only where
// it is a file of several names their number, the device and the inode. A few bytes for each of thousands.
import type { Reclaimable } from './reclaimable.js';

/** An expression that prints `<before><blocks>[ <names> <device> <inode>]<end>` of each entry. */
export const printBlocks = (before: string, end: string): string[] => [
  ...['(', '-type', 'd', '-o', '-links', '1', ')', '-printf', `${before}%b${end}`],
  ...['-o', '-printf', `${before}%b %n %D %i${end}`],
];

/** Adds what was printed after `before`; what is no number makes the sum none. */
export function addPrinted(freed: Reclaimable, printed: string): void {
  if (printed.includes(' ')) {
    const [blocks = NaN, nlink = NaN, dev = NaN, ino = NaN] = printed.split(' ').map(Number);
    freed.add({ blocks, nlink, dev, ino, isDirectory: () => false });
  } else freed.addBlocks(Number(printed));
}
