// What is left on disk: every file, socket, link and empty directory below a place, without what was there before.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LeftFile } from './row.js';

/** Leaves of the tree, with full paths. Other file systems mounted below are not entered. */
export function leaves(dir: string): LeftFile[] {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  if (!stat) return [];
  return below(dir, stat.dev);
}

function below(dir: string, device: number): LeftFile[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat || stat.dev !== device) return [];
    if (!stat.isDirectory()) return [{ path, bytes: stat.size }];
    const inside = below(path, device);
    return inside.length > 0 ? inside : [{ path: `${path}/`, bytes: 0 }];
  });
}

/** Looks at several places at once; `new` gives what came since. */
export function watchPlaces(dirs: readonly string[]): { left(): LeftFile[] } {
  const all = () => dirs.flatMap(leaves);
  const before = new Set(all().map(({ path }) => path));
  return { left: () => all().filter(({ path }) => !before.has(path)) };
}
