// Our words: one line each, to stderr, by a plain write. process.stderr would switch a pipe shared with the agent to
// non-blocking, and the agent's own writes would fail. A reader that is gone or full is no reason to fail.
import { fs } from '../fs.js';
import { printable } from '../options.js';

/** Writes `qw-run: text`. */
export function say(text: string, program = 'qw-run'): void {
  write(2, `${program}: ${printable(text)}\n`);
}

/** Writes to a descriptor; what cannot be written is dropped. */
export function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
  } catch {
    // EAGAIN, EIO, EPIPE, EBADF: nobody reads, or not now
  }
}
