// Roots that were ever used, one path a line in $XDG_STATE_HOME/qw-run/roots: the reaper must find a session whose
// root came from a flag or from another TMPDIR. Best effort: a home that cannot be written is no reason to fail.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { attempt, fs, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } from '../fs.js';

/** Paths noted so far. They come from a file anyone of our uid can write: guard each again before using it. */
export function notedRoots(env: NodeJS.ProcessEnv): string[] {
  const text = readShort(notesFile(env));
  return [...new Set(text.split('\n').filter((line) => isAbsolute(line)))];
}

/** Notes a root. */
export function noteRoot(root: string, env: NodeJS.ProcessEnv): void {
  if (notedRoots(env).includes(root)) return;
  try {
    appendLine(notesFile(env), root);
  } catch {
    // No home, read-only home, no space: the default roots are looked through all the same.
  }
}

const notesFile = (env: NodeJS.ProcessEnv): string => {
  const state = env['XDG_STATE_HOME'];
  return join(
    state && isAbsolute(state) ? state : join(env['HOME'] || homedir(), '.local', 'state'),
    'qw-run',
    'roots',
  );
};

function appendLine(file: string, line: string): void {
  fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // O_APPEND: two wrappers noting at once each add a whole line.
  const fd = fs.openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    fs.writeSync(fd, `${line}\n`);
  } finally {
    fs.closeSync(fd);
  }
}

function readShort(file: string): string {
  const fd = attempt(() => fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) return '';
  try {
    const buffer = Buffer.alloc(MAX_NOTES_BYTES);
    return fs.fstatSync(fd).isFile()
      ? buffer.toString('utf8', 0, fs.readSync(fd, buffer, 0, MAX_NOTES_BYTES, 0))
      : '';
  } finally {
    fs.closeSync(fd);
  }
}

const MAX_NOTES_BYTES = 64 * 1024;
