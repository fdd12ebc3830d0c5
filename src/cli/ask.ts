// A question to a person at a terminal. Ctrl-C ends us, as ever: nothing has been done yet.
import { isatty } from 'node:tty';
import { codeOf, fs } from '../fs.js';
import { write } from './say.js';

/** Somebody is there who reads what we say and can answer. */
export const canAsk = (): boolean => isatty(0) && isatty(2);

/** True for `y` and `yes` alone. */
export function ask(question: string): boolean {
  write(2, `${question} [y/N] `);
  return /^\s*y(es)?\s*$/i.test(readLine());
}

function readLine(): string {
  const buffer = Buffer.alloc(256);
  let line = '';
  while (!line.includes('\n')) {
    try {
      const count = fs.readSync(0, buffer);
      if (count === 0) break; // Ctrl-D
      line += buffer.toString('latin1', 0, count);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  if (!line.endsWith('\n')) write(2, '\n');
  return line.endsWith('\n') ? line : ''; // half a word was not meant
}
