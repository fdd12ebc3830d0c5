// Small files of ours that are replaced while somebody may read them.
import { attempt, fs, TO_MAKE, withFile } from '../fs.js';

/**
 * Replaces a file of ours (0600) in one step: a reader finds the old one or the new one. Throws the system's
 * error. Two processes may do it at once; a link in its place is replaced, not followed.
 */
export function replaceFile(file: string, text: string): void {
  const draft = draftOf(file);
  attempt(() => fs.unlinkSync(draft)); // of a predecessor with our pid that died here
  withFile(draft, TO_MAKE, (fd) => {
    fs.fchmodSync(fd, 0o600); // the umask may have taken from it
    fs.writeFileSync(fd, text);
  });
  fs.renameSync(draft, file);
}

/** Where `replaceFile` writes before it renames. */
export const draftOf = (file: string): string => `${file}.${process.pid}`;
