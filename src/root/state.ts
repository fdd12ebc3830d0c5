// What qw-run remembers from one start to the next: small files in $XDG_STATE_HOME/qw-run. Nothing depends on them; anyone of
// our uid can write there, so what is read is checked again.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { attempt, fs, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '../fs.js';

/** Path of the file called `name`. */
export function stateFile(name: string, env: NodeJS.ProcessEnv): string {
  const state = env['XDG_STATE_HOME'];
  const home = () => join(env['HOME'] || homedir(), '.local', 'state');
  return join(state && isAbsolute(state) ? state : home(), 'qw-run', name);
}

/** Makes the directory that `file` lies in, for us alone whatever the umask takes: others keep their state above it. */
export const makeStateDir = (file: string): void => makeDirs(dirname(file));

function makeDirs(dir: string): void {
  if (fs.existsSync(dir)) return;
  makeDirs(dirname(dir));
  fs.mkdirSync(dir, 0o700);
  fs.chmodSync(dir, 0o700);
}

/** Its text, at most 64 KiB; empty where there is none to be read. Links are not followed, a FIFO is not waited for. */
export function readShort(file: string): string {
  const fd = attempt(() => fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (fd === undefined) return '';
  try {
    const buffer = Buffer.alloc(MAX_BYTES);
    return fs.fstatSync(fd).isFile()
      ? buffer.toString('utf8', 0, fs.readSync(fd, buffer, 0, MAX_BYTES, 0))
      : '';
  } finally {
    fs.closeSync(fd);
  }
}

const MAX_BYTES = 64 * 1024;
