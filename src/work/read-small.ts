// Reads small files that anybody may have put there: follows no link, opens only regular files, does not wait
// for a FIFO that takes the place of one, and reads nothing that is too large.
import { fs, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs.js';
import { isMissing } from '../tree/directory.js';
import { forSystem, type RawPath } from '../tree/raw-path.js';

/** `odd`: something else than a small regular file. `unreadable`: one that the system refuses. */
export type Small = { text: string } | 'gone' | 'odd' | 'unreadable';

/** The bytes of the file at `path`, one character each. Never throws the system's errors. */
export function readSmall(path: RawPath, maxBytes = MAX_BYTES): Small {
  try {
    const before = fs.lstatSync(forSystem(path));
    // A device may do something when it is opened.
    if (!before.isFile() || before.size > maxBytes) return 'odd';
    const fd = fs.openSync(forSystem(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const now = fs.fstatSync(fd);
      const { size } = now;
      if (!now.isFile() || size > maxBytes) return 'odd';
      const buffer = Buffer.alloc(size);
      return { text: buffer.toString('latin1', 0, fs.readSync(fd, buffer, 0, size, 0)) };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    return isMissing(error) ? 'gone' : 'unreadable';
  }
}

/** A path in it takes at most 4095 bytes (PATH_MAX), with `gitdir: ` before and a line end behind. */
const MAX_BYTES = 4_096 + 16;
