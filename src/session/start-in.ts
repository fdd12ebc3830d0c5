// Between fork(2) and the end of exec(2) an agent has the environment of whoever starts it, and nothing says
// that it belongs to a session. On a file system that hangs that may last. Its starter, killed meanwhile, is
// no proof either: the session would go from under it.
import { fs, O_DIRECTORY, O_NOFOLLOW, O_PATH, quietly } from '../fs.js';

/** Runs `start` while TMPDIR is open: who is started has it open too, and so uses it, until its exec. */
export function startIn<T>(tmpdir: string, start: () => T): T {
  const open = () => fs.openSync(tmpdir, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const fd = process.platform === 'linux' ? quietly(open) : undefined;
  try {
    return start();
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
