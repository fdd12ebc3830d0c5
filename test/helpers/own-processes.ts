// A process table of our own: what the code under test reads below /proc, through the one door `#src/fs.js`, comes from here.
// What a process has open are real descriptors of this process, so a renamed directory shows in it as it would in procfs.
import { fstatSync, readlinkSync } from 'node:fs';
import { fs } from '#src/fs.js';

export interface OwnProcess {
  pid: number;
  /** Ticks since boot. */
  startTime: number;
  /** Without it the process has none. */
  tmpdir?: string;
  /** Descriptors of this process that stand for what it has open. */
  fds?: number[];
  /** A directory opened here that stands for its working directory. */
  cwd?: number;
  isZombie?: boolean;
  /** It forbids even its own user to look. */
  isUnreadable?: boolean;
  uid?: number;
}

export interface OwnProcesses {
  table: Map<number, OwnProcess>;
  bootId: string;
  undo(): void;
}

/** Pids of the table should lie above every pid_max, so that no real process could be meant. */
export const FIRST_PID = 5_000_000;
export const PID_NAMESPACE = '4026531836';

type Door = { -readonly [Name in keyof typeof fs]: (...args: never[]) => unknown };

export function ownProcesses(): OwnProcesses {
  const real = { ...fs };
  const door = fs as unknown as Door;
  const world: OwnProcesses = { table: new Map(), bootId: 'boot-0', undo: () => Object.assign(fs, real) };
  const of = (path: string): [OwnProcess, string] => {
    const [, , pid, ...rest] = path.split('/');
    const facts = world.table.get(Number(pid));
    if (!facts) throw failure('ENOENT', path);
    if (facts.isUnreadable && /^(environ|fd|cwd|root|exe|maps)/.test(rest.join('/')))
      throw failure('EACCES', path);
    return [facts, rest.join('/')];
  };
  const isOurs = (path: unknown): path is string => typeof path === 'string' && /^\/proc\/\d/.test(path);

  door.readFileSync = (path: string, ...rest: unknown[]) => {
    if (path === '/proc/sys/kernel/random/boot_id') return world.bootId;
    return isOurs(path) ? content(...of(path)) : real.readFileSync(path, ...(rest as ['utf8']));
  };
  // What is read through a descriptor, each above all there are.
  const unread = new Map<number, string>();
  const open = (text: string) => {
    const fd = FIRST_PID + unread.size;
    unread.set(fd, text);
    return fd;
  };
  door.openSync = (path: string, ...rest: unknown[]) => {
    if (path === '/proc/self/net/unix') return open('');
    return isOurs(path) ? open(content(...of(path))) : real.openSync(path, ...(rest as ['r']));
  };
  door.readSync = (fd: number, buffer: Buffer, ...rest: unknown[]) => {
    const text = unread.get(fd);
    if (text === undefined) return real.readSync(fd, buffer, ...(rest as [0, 0, null]));
    unread.set(fd, '');
    return buffer.write(text);
  };
  door.closeSync = (fd: number) => unread.has(fd) || real.closeSync(fd);
  door.readdirSync = (path: string, ...rest: unknown[]) => {
    if (path === '/proc') return [...world.table.keys()].map(String);
    return real.readdirSync(path, ...(rest as []));
  };
  door.opendirSync = (path: string, ...rest: unknown[]) => {
    if (!isOurs(path)) return real.opendirSync(path, ...(rest as []));
    const names = (of(path)[0].fds ?? []).map(String);
    return { readSync: () => (names.length > 0 ? { name: names.shift() } : null), closeSync: () => {} };
  };
  door.readlinkSync = (path: string) => {
    if (path === '/proc/self/ns/pid') return `pid:[${PID_NAMESPACE}]`;
    if (path === '/proc/self/ns/time') throw failure('ENOENT', path); // its leases say no time namespace
    if (!isOurs(path)) return real.readlinkSync(path);
    const [facts, name] = of(path);
    if (name.startsWith('fd/')) return readlinkSync(`/proc/self/${name}`);
    if (name === 'cwd') return facts.cwd === undefined ? '/' : readlinkSync(`/proc/self/fd/${facts.cwd}`);
    return name === 'ns/net' ? 'net:[1]' : '/';
  };
  door.statSync = (path: string, ...rest: unknown[]) => {
    if (!isOurs(path)) return real.statSync(path, ...(rest as []));
    const [facts, name] = of(path);
    return name.startsWith('fd/')
      ? fstatSync(Number(name.slice(3)))
      : { uid: facts.uid ?? process.getuid?.() };
  };
  return world;
}

/** Text of a file in /proc/PID. */
function content({ pid, startTime, tmpdir, isZombie }: OwnProcess, name: string): string {
  const stat = `${pid} (agent) ${isZombie ? 'Z' : 'S'} 1 ${pid} ${pid} 0 -1${' 0'.repeat(13)} ${startTime} 0`;
  const environ = `PATH=/bin\0${tmpdir === undefined ? '' : `TMPDIR=${tmpdir}\0`}`;
  return { stat, environ, cmdline: 'agent\0', maps: '' }[name] ?? '';
}

const failure = (code: string, path: string) => Object.assign(new Error(`${code}: ${path}`), { code });
