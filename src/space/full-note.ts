// That the disk was full, noted while it is, for whoever ends the session: an empty file that is there
// before, whose mtime then says when, and its atime, as a number, by which error. Its times can be set where
// nothing can be written, made or renamed any more (tried: tmpfs without blocks or inodes, btrfs with its
// quota used up).
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isoTime } from '../clock.js';
import { codeOf, fs, inDirectory, quietly, statOf, TO_MAKE, withFile } from '../fs.js';
import type { FullCode, Pressure } from './probe.js';

/** Makes the file; nothing where there is one. Throws the system's error. */
export function prepareNote(file: string): void {
  try {
    at(file, (note) => withFile(note, TO_MAKE, (fd) => fs.futimesSync(fd, 0, 0)));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Notes it; the first time stays. */
export function noteFull(file: string, code: FullCode): void {
  if (readNote(file)) return;
  quietly(() => at(file, (note) => fs.lutimesSync(note, NUMBERS[code], Date.now() / 1000)));
}

/** An agent may swap its directory for a link at any moment. */
const at = (file: string, act: (note: string) => void): void =>
  inDirectory(dirname(file), (base) => act(join(base, basename(file))));

/** What was noted. An agent can write there too: only these two errors count, and no time of tomorrow. */
export function readNote(file: string): Pressure | undefined {
  const stat = statOf(file);
  if (!stat?.isFile() || stat.mtimeMs <= 0 || stat.mtimeMs > Date.now() + SLACK_MS) return undefined;
  const code = CODES.find((one) => NUMBERS[one] * 1000 === stat.atimeMs);
  return code && { code, at: isoTime(stat.mtimeMs) };
}

const CODES: readonly FullCode[] = ['ENOSPC', 'EDQUOT'];
const NUMBERS: Record<FullCode, number> = { ENOSPC: constants.errno.ENOSPC, EDQUOT: constants.errno.EDQUOT };
const SLACK_MS = 1_000;
