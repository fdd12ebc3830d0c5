// Takes a session out of sight in one step: a rename within the root. Nobody ever finds a half-deleted session in place,
// and a remover that dies leaves only what the next one finds in `.trash`.
import { basename, join } from 'node:path';
import { codeOf, fs } from '../fs.js';
import { trashDir } from '../root/layout.js';

/** Renames `dir` into the root's trash; gives its new path, or undefined when it was already gone. Throws the system's error. */
export function moveToTrash(root: string, dir: string): string | undefined {
  const trash = trashDir(root);
  makeTrash(trash);
  for (let attempt = 0; ; attempt += 1) {
    const target = join(trash, attempt === 0 ? basename(dir) : `${basename(dir)}.${attempt}`);
    try {
      fs.renameSync(dir, target);
      return target;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      if (!TAKEN.has(codeOf(error) ?? '')) throw error;
    }
  }
}

/** A link or file that somebody put there is replaced by a directory of ours: it would carry sessions elsewhere. */
function makeTrash(trash: string): void {
  try {
    fs.mkdirSync(trash, 0o700);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (fs.lstatSync(trash).isDirectory()) return;
    fs.unlinkSync(trash);
    fs.mkdirSync(trash, 0o700);
  }
}

const TAKEN = new Set(['EEXIST', 'ENOTEMPTY']);
