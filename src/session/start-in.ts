// Between fork(2) and the end of exec(2) an agent has the environment of whoever starts it, and nothing says
// that it belongs to a session. On a file system that hangs that may last. Its starter, killed meanwhile, is
// no proof either: the session would go from under it.
import { fs, O_DIRECTORY, O_NOFOLLOW, O_PATH, quietly } from '../fs.js';

/**
 * Runs `start` while the TMPDIR is open: what is started has it open too, so it is seen to use it, until it
 * is through exec.
 */
export function startIn<T>(tmpdir: string, start: () => T): T {
  const isHeld = process.platform === 'linux';
  const fd = isHeld ? quietly(() => fs.openSync(tmpdir, O_PATH | O_DIRECTORY | O_NOFOLLOW)) : undefined;
  try {
    return start();
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
