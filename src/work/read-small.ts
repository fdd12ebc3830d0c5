// Reads small files that anybody may have put there: opens only regular files, and reads nothing that is too
// large.
import { fs, readAt, type Stats, TO_READ, withFile } from '../fs.js';
import { isMissing } from '../tree/directory.js';
import { forSystem, type RawPath } from '../tree/raw-path.js';

/** `odd`: something else than a small regular file. `unreadable`: one that the system refuses. */
export type Small = { text: string } | 'gone' | 'odd' | 'unreadable';

/** The bytes of the file at `path`, one character each. Never throws the system's errors. */
export function readSmall(path: RawPath, maxBytes = MAX_BYTES): Small {
  const isSmall = (stat: Stats) => stat.isFile() && stat.size <= maxBytes;
  try {
    if (!isSmall(fs.lstatSync(forSystem(path)))) return 'odd'; // a device may do something when it is opened
    return withFile(forSystem(path), TO_READ, (fd) => {
      const now = fs.fstatSync(fd);
      return isSmall(now) ? { text: readAt(fd, now.size).toString('latin1') } : 'odd';
    });
  } catch (error) {
    return isMissing(error) ? 'gone' : 'unreadable';
  }
}

/** A path in it takes at most 4095 bytes (PATH_MAX), with `gitdir: ` before and a line end behind. */
const MAX_BYTES = 4_096 + 16;
