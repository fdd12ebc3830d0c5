// A directory that an agent could have put first in PATH: its programs leave a mark and do what the real ones do.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { script } from './stand-ins.js';

export interface Trap {
  /** With the directory first. */
  PATH: string;
  /** What was run from there, by whom. */
  marks(): string[];
}

export function trapIn(dir: string): Trap {
  const [bin, log] = [join(dir, 'trap'), join(dir, 'marks')];
  for (const name of NAMES) {
    const real = name === 'node' ? process.execPath : name;
    const mark = `read -r by <"/proc/$PPID/comm"; echo "$by: ${name} $*" >>'${log}'`;
    script(bin, name, `${mark}\nPATH=/usr/bin:/bin:/usr/sbin:/sbin exec '${real}' "$@"`);
  }
  const marks = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  return { PATH: `${bin}:${process.env['PATH']}`, marks };
}

const NAMES =
  'rm find cp bwrap nsenter unshare newuidmap stty flock ps pgrep sh env node git gpgconf quota repquota sleep podman'.split(
    ' ',
  );
