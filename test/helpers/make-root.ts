// A root as the product makes it, for tests that forge what is in it: without the marker nothing there is ours.
import { chmodSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The marker of a root with this inode. */
export const markerText = (inode: bigint): string => `{"version":1,"inode":"${inode}"}\n`;

/** Makes the directory `root` where it is missing, and marks it where it is not. */
export function makeRoot(root: string): void {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const file = join(root, '.qw-root');
  if (existsSync(file)) return;
  writeFileSync(file, markerText(lstatSync(root, { bigint: true }).ino));
  chmodSync(file, 0o1600);
}
