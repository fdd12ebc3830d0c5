// The registry: roots that were ever used, one path a line in $XDG_STATE_HOME/qw-run/roots. The reaper must
// find a session whose root came from a flag or from another TMPDIR. Best effort: a home that cannot be
// written is no reason to fail.
import { isAbsolute } from 'node:path';
import { fs, O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY, withFile } from '../fs.js';
import { type Mount, readMounts } from './mounts.js';
import { muteOn } from './mute.js';
import { replaceFile } from './replace-file.js';
import { makeStateDir, readShort, stateFile } from './state.js';

/** They come from a file that anyone of our uid can write: guard each again before using it. */
export function registeredRoots(env: NodeJS.ProcessEnv): string[] {
  const file = registryFile(env);
  const text = file === undefined ? '' : readShort(file);
  return [...new Set(text.split('\n').filter((line) => isAbsolute(line)))];
}

/**
 * Adds a root. A server whose agents each have a TMPDIR of their own makes a new root with every start:
 * before the list is longer than what is read of it, roots that are gone are forgotten. What another process
 * appends in just that moment is lost; it is added again with its next session.
 */
export function registerRoot(root: string, env: NodeJS.ProcessEnv): void {
  const file = registryFile(env);
  if (file === undefined) return;
  try {
    const registered = registeredRoots(env);
    if (registered.includes(root)) return;
    const text = asText(registered);
    if (Buffer.byteLength(text) < LONG_BYTES) append(file, asText([root]));
    else replaceFile(file, asText([...registered.filter(mayBeThere(readMounts())), root]));
  } catch {
    // No home, read-only home, no space: the default roots are searched all the same.
  }
}

/** Forgets `root`: it is not searched any more. False when it was not there. Throws the system's error. */
export function forgetRoot(root: string, env: NodeJS.ProcessEnv): boolean {
  const file = registryFile(env);
  const registered = registeredRoots(env);
  if (file === undefined || !registered.includes(root)) return false;
  replaceFile(file, asText(registered.filter((path) => path !== root)));
  return true;
}

const registryFile = (env: NodeJS.ProcessEnv) => stateFile('roots', env);

const asText = (paths: readonly string[]): string => paths.map((path) => `${path}\n`).join('');

function append(file: string, text: string): void {
  makeStateDir(file);
  // O_APPEND: two wrappers that add one at once each add a whole line.
  withFile(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, (fd) => {
    fs.fchmodSync(fd, 0o600); // the umask may have taken from it
    fs.writeSync(fd, text);
  });
}

/** Where a mount does not answer, nobody knows whether a root there is gone: it stays. */
const mayBeThere =
  (mounts: readonly Mount[]) =>
  (path: string): boolean =>
    muteOn(path, mounts) !== undefined || fs.existsSync(path);

const LONG_BYTES = 32 * 1024; // half of what is read
