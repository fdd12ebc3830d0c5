// Roots that were ever used, one path a line in $XDG_STATE_HOME/qw-run/roots: the reaper must find a session
// whose root came from a flag or from another TMPDIR. Best effort: a home that cannot be written is no reason
// to fail.
import { isAbsolute } from 'node:path';
import { fs, O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY, replaceFile } from '../fs.js';
import { readMounts } from './mounts.js';
import { muteOn } from './mute.js';
import { makeStateDir, readShort, stateFile } from './state.js';

/**
 * Paths noted so far. They come from a file anyone of our uid can write: guard each again before using it.
 */
export function notedRoots(env: NodeJS.ProcessEnv): string[] {
  const file = notesFile(env);
  const text = file === undefined ? '' : readShort(file);
  return [...new Set(text.split('\n').filter((line) => isAbsolute(line)))];
}

/**
 * Notes a root. A server whose agents each have a TMPDIR of their own makes a new root with every start:
 * before the list is longer than what is read of it, roots that are gone are forgotten. What another process
 * appends in just that moment is lost; it is noted again with its next session.
 */
export function noteRoot(root: string, env: NodeJS.ProcessEnv): void {
  const file = notesFile(env);
  if (file === undefined) return;
  try {
    const noted = notedRoots(env);
    if (noted.includes(root)) return;
    if (Buffer.byteLength(noted.join('\n')) < LONG_BYTES) appendLine(file, root);
    else replaceFile(file, [...withoutGone(noted), root, ''].join('\n'));
  } catch {
    // No home, read-only home, no space: the default roots are looked through all the same.
  }
}

/** Of what does not answer nobody knows whether it is gone. */
function withoutGone(noted: readonly string[]): string[] {
  const mounts = readMounts();
  return noted.filter((path) => muteOn(path, mounts) !== undefined || fs.existsSync(path));
}

const notesFile = (env: NodeJS.ProcessEnv) => stateFile('roots', env);

function appendLine(file: string, line: string): void {
  makeStateDir(file);
  // O_APPEND: two wrappers noting at once each add a whole line.
  const fd = fs.openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    fs.writeSync(fd, `${line}\n`);
  } finally {
    fs.closeSync(fd);
  }
}

const LONG_BYTES = 32 * 1024; // half of what is read
