// Our words: one line each, to stderr, by a plain write. process.stderr would switch a pipe that we share
// with the agent to non-blocking, and the agent's own writes would fail. Nothing fails where stderr is closed
// or full. Where stdout does not take everything, we fail: a script would take silence for "nothing".
import { SHELLS } from '../backends/launchers.js';
import { QwRunError } from '../errors.js';
import { attempt, codeOf, fs, isFullCode, O_RDWR } from '../fs.js';
import { readStat } from '../process/identity.js';
import { flagsOf, linkOf } from '../process/procfs.js';
import { printable } from '../quote.js';

/** Writes `qw-run: text`. */
export const say = (text: string): void => void write(2, `${program}: ${printable(text)}\n`);

/** From now on another program speaks. */
export function speakAs(name: string): void {
  program = name;
}
let program = 'qw-run';

/** In words; a fault of ours with the place where it happened. */
export const wordsOf = (error: unknown): string =>
  error instanceof QwRunError ? error.message : `unexpected: ${(error as Error)?.stack ?? error}`;

/** Writes what somebody asked for. */
export function print(text: string): void {
  isClosed ??= isStdoutClosed();
  unprinted ??= isClosed ? 'EBADF' : write(1, text);
}

/** The code with which stdout refused something; undefined when it took all. */
export const whyUnprinted = (): string | undefined => unprinted;

/** After the first refusal `print` does nothing; the work that it reports goes on. */
let unprinted: string | undefined;
let isClosed: boolean | undefined;

/**
 * Writes to a descriptor; gives the code of the error where not all of it could be written. On stdout a full
 * non-blocking pipe is waited for.
 */
export function write(fd: number, text: string): string | undefined {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      const code = codeOf(error) ?? String(error);
      if (fd !== 1 || code !== 'EAGAIN') return code; // EIO, EPIPE, EBADF: nobody reads; ENOSPC
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return undefined;
}

/** The exit code of a program that would have ended with `code`; `failed` when stdout did not take all. */
export function printedOr(failed: number, code: number): number {
  if (unprinted === undefined) return code;
  say(`cannot write to stdout: ${reasonOf(unprinted)} (${unprinted})`);
  return code === 0 ? failed : code;
}

function reasonOf(code: string): string {
  if (isFullCode(code)) return 'no space left there';
  if (code === 'EBADF') return 'it is closed';
  return code === 'EPIPE' || code === 'EIO' ? 'nobody reads it any more' : 'not all of it was written';
}

/**
 * Whether the shell that started us closed our stdout (`qw-tmp list >&-`); false where that cannot be told.
 * Before any code of ours runs, Node opens /dev/null in the place of a closed one, for reading and writing. A
 * parent that wants no output (`stdio: 'ignore'`) does the same, and then nothing has failed. So only a shell
 * is taken to have closed it (to drop output it opens /dev/null for writing alone), and only where its own
 * stdout is not such a /dev/null. A process whose parent died has pid 1 for a parent, which says nothing.
 */
function isStdoutClosed(shell = process.ppid): boolean {
  if (shell === 1 || !isReadableNull('self') || !SHELLS.has(readStat(shell)?.comm ?? '')) return false;
  return attempt(() => fs.readdirSync(`/proc/${shell}/fd`)) !== undefined && !isReadableNull(shell);
}

const isReadableNull = (pid: number | 'self'): boolean =>
  linkOf(pid, 'fd/1') === '/dev/null' && (flagsOf(pid, '1') & 3) === O_RDWR;
