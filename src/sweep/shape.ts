// Whether what is at a path has the shape of a unit: what kind of thing, how large, what is in it.
import type { Shape } from '../backends/patterns.js';
import { attempt, fs, statOf } from '../fs.js';

/** A link has none; what cannot be read neither. */
export function hasShape(path: string, shape: Shape): boolean {
  const stat = statOf(path);
  if (shape.kind === 'file') return stat?.isFile() === true && stat.size <= (shape.maxBytes ?? Infinity);
  return stat?.isDirectory() === true && (shape.holds === undefined || holdsOnly(path, shape.holds));
}

/** Stops at the first entry that is another. */
function holdsOnly(path: string, names: readonly string[]): boolean {
  const dir = attempt(() => fs.opendirSync(path));
  if (!dir) return false;
  try {
    for (let entry = dir.readSync(); entry; entry = dir.readSync())
      if (!entry.isFile() || !names.includes(entry.name)) return false;
    return true;
  } catch {
    return false; // it cannot be read to its end
  } finally {
    dir.closeSync();
  }
}
