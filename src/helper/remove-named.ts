// Removes for a server what it names. It holds the directory open meanwhile: what has the same device and
// inode is that one, whatever lies on the way to it.
import { fs, O_DIRECTORY, O_NOFOLLOW, O_PATH } from '../fs.js';
import { removeFrom } from '../remove/remove-from.js';
import type { RemoveInput, RemoveResult } from './for-server.js';

/** Throws where the path leads to anything else: then it is the server's to remove. */
export async function removeNamed({ path, dev, ino, names }: RemoveInput): Promise<RemoveResult> {
  const flags = O_DIRECTORY | O_NOFOLLOW | (process.platform === 'linux' ? O_PATH : 0);
  const fd = fs.openSync(path, flags);
  try {
    const found = fs.fstatSync(fd, { bigint: true });
    if (`${found.dev}` !== dev || `${found.ino}` !== ino) throw new Error(`${path} is another directory now`);
    const base = `/proc/self/fd/${fd}`;
    const dir = { base: fs.existsSync(base) ? base : path, close: () => {} };
    return { failed: [...(await removeFrom(dir, path, names))] };
  } finally {
    fs.closeSync(fd);
  }
}
