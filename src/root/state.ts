// What qw-run remembers from one start to the next: small files in $XDG_STATE_HOME/qw-run. Nothing depends on
// them; anyone of our uid can write there, so what is read is checked again. Never below what belongs to
// somebody else: as root with a user's HOME (`sudo -E`) we would take the directories we make from that user,
// and a link planted there would lead us anywhere.
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { unlessItFails } from '../errors.js';
import { attempt, codeOf, ensureDirectory, fs, readAt, TO_READ, withFile } from '../fs.js';
import { lookups } from './lookups.js';
import { isTrusted, ownUid } from './trusted.js';

/** Path of the file called `name`; undefined where nothing may be remembered. */
export function stateFile(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const wanted = wantedStateDir(env);
  if (isSafe(wanted)) return join(wanted, name);
  // Only now: the password database may be a server far away.
  const own = below(known(() => userInfo().homedir));
  return isSafe(own) ? join(own, name) : undefined;
}

/** Where the environment says it is to be. */
export function wantedStateDir(env: NodeJS.ProcessEnv): string {
  const state = env['XDG_STATE_HOME'];
  return state && isAbsolute(state) ? join(state, 'qw-run') : below(env['HOME'] || known(homedir));
}

const below = (home: string): string => join(home, '.local', 'state', 'qw-run');

/** Empty for a uid that the password database does not know. */
const known = (home: () => string): string => unlessItFails(home) ?? '';

/** Nobody but us and root has a component of the path, a link in it, or a component of what that leads to. */
function isSafe(path: string): boolean {
  if (!isAbsolute(path)) return false;
  if (process.platform === 'win32') return true;
  return attempt(() => !leadsThroughOthers(path)) ?? false;
}

function leadsThroughOthers(path: string): boolean {
  for (const { stat, error } of lookups(path)) {
    if (stat && (!isTrusted(stat.uid) || (!stat.isSymbolicLink() && isOpen(stat.mode)))) return true;
    if (error !== undefined && !CLOSED.has(codeOf(error) ?? '')) return true; // ESTALE: it may be theirs
  }
  return false; // what is not there we would make
}

/** Then it is made, or cannot be used. */
const CLOSED = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

/** Others can put something in its place. A user's group is often the user alone. */
const isOpen = (mode: number): boolean =>
  (mode & (ownUid() === 0 ? 0o022 : 0o002)) !== 0 && (mode & 0o1000) === 0;

/** Makes the directory that `file` lies in, for us alone whatever the umask: others keep state above. */
export const makeStateDir = (file: string): void => makeDirs(dirname(file));

function makeDirs(dir: string): void {
  if (fs.existsSync(dir)) return;
  makeDirs(dirname(dir));
  ensureDirectory(dir);
}

/** Its text, at most 64 KiB; empty where there is none to be read. */
export function readShort(file: string): string {
  const read = (fd: number) => (fs.fstatSync(fd).isFile() ? readAt(fd, MAX_BYTES).toString() : '');
  return attempt(() => withFile(file, TO_READ, read)) ?? '';
}

const MAX_BYTES = 64 * 1024;
