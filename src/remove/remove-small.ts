// Removes a small tree in this process: starting `rm` costs more than a few entries do. Every step goes
// through a descriptor (/proc/self/fd/N, as with openat(2)), so a directory swapped for a link in between is
// not followed. Whatever is large or in the way is left to `rm`, which also finds the words for it.
import { join } from 'node:path';
import { codeOf, fs, inDirectory } from '../fs.js';

interface Budget {
  device: number;
  entries: number;
}

/**
 * Whether `name` in `dir`, which is held open, is gone; otherwise all of it or a part is still there. Never
 * throws the system's errors.
 */
export function removeSmall(dir: string, name: string): boolean {
  if (process.platform !== 'linux') return false;
  const self = join(dir, name);
  try {
    const { dev: device } = fs.lstatSync(self);
    return removeEntry(self, { device, entries: MAX_ENTRIES });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return codeOf(error) === 'ENOENT' && fs.lstatSync(self, { throwIfNoEntry: false }) === undefined;
  }
}

/**
 * Throws the system's error. unlink(2) and rmdir(2) never follow a link that took the place of what was
 * looked at.
 */
function removeEntry(path: string, budget: Budget): boolean {
  budget.entries -= 1;
  if (budget.entries < 0) return false;
  const stat = fs.lstatSync(path);
  if (stat.dev !== budget.device || stat.blocks > MAX_BLOCKS) return false;
  if (!stat.isDirectory()) fs.unlinkSync(path);
  else if (inDirectory(path, (base) => isEmptied(base, budget))) fs.rmdirSync(path);
  else return false;
  return true;
}

/** By the piece: one directory may hold millions. */
function isEmptied(base: string, budget: Budget): boolean {
  const directory = fs.opendirSync(base, { bufferSize: MAX_ENTRIES });
  try {
    for (;;) {
      const entry = directory.readSync();
      if (!entry) return true;
      if (!removeEntry(join(base, entry.name), budget)) return false;
    }
  } finally {
    directory.closeSync();
  }
}

const MAX_ENTRIES = 64; // a server's event loop waits for us
const MAX_BLOCKS = 2_048; // 1 MiB: freeing much takes time
