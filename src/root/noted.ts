// Roots that were ever used, one path a line in $XDG_STATE_HOME/qw-run/roots: the reaper must find a session whose
// root came from a flag or from another TMPDIR. Best effort: a home that cannot be written is no reason to fail.
import { dirname, isAbsolute } from 'node:path';
import { fs, O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } from '../fs.js';
import { readShort, stateFile } from './state.js';

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

const notesFile = (env: NodeJS.ProcessEnv): string => stateFile('roots', env);

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
