// Our words: one line each, to stderr, by a plain write. process.stderr would switch a pipe shared with the
// agent to non-blocking, and the agent's own writes would fail. A reader that is gone or full is no reason to
// fail.
import { codeOf, fs } from '../fs.js';
import { printable } from '../options.js';

/** Writes `qw-run: text`. */
export function say(text: string, program = 'qw-run'): void {
  write(2, `${program}: ${printable(text)}\n`);
}

/**
 * Writes to a descriptor; what cannot be written is dropped. On stdout a full non-blocking pipe is waited
 * for.
 */
export function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      if (fd !== 1 || codeOf(error) !== 'EAGAIN') return; // EIO, EPIPE, EBADF: nobody reads
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
