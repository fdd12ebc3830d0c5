// Removes for a server what it names. It holds the directory open meanwhile: what has the same device and
// inode is that one, whatever lies on the way to it.
import { fs, openDirectory, whileOpen } from '../fs.js';
import { removeFrom } from '../remove/remove-from.js';
import type { RemoveInput, RemoveResult } from './for-server.js';

/** Throws where the path leads to anything else: then it is the server's to remove. */
export async function removeNamed({ path, dev, ino, names }: RemoveInput): Promise<RemoveResult> {
  return whileOpen(openDirectory(path), async (dir) => {
    const found = fs.statSync(dir.base, { bigint: true });
    if (`${found.dev}` !== dev || `${found.ino}` !== ino) throw new Error(`${path} is another directory now`);
    return { failed: [...(await removeFrom(dir, path, names))] };
  });
}
