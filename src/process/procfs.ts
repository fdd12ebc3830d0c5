// How files and directories of procfs are read. A process may have 19,000 descriptors and 60,000 mappings, a
// machine 50,000 sockets, and the kernel takes its time for each of them: what there may be much of is read
// piece by piece, with a yield after each.
import { StringDecoder } from 'node:string_decoder';
import { attempt, codeOf, fs, O_RDONLY, readProc, withFile } from '../fs.js';
import { once } from '../once.js';
import { DEEP, longPath } from './long-path.js';

type Pid = number | 'self';

/**
 * Where a link of a process or thread leads (`cwd`, `fd/3`); undefined where it cannot be read. One that is
 * too long to be read ends with `…`, see long-path.ts.
 */
export function linkOf(pid: Pid, name: string, tries = 5): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/${name}`);
  } catch (error) {
    if (codeOf(error) === 'ENAMETOOLONG') {
      const path = longPath(pid, name);
      // It may have been closed meanwhile, as a program that walks or removes a deep tree does all the time.
      return path === DEEP && tries > 1 ? linkOf(pid, name, tries - 1) : path;
    }
    return attempt(() => {
      throw error;
    });
  }
}

/** `mnt:[4026531841]`: the same text is the same namespace (namespaces(7)). */
export const namespaceOf = (pid: Pid, kind: 'mnt' | 'net' | 'pid' | 'time' | 'user'): string | undefined =>
  linkOf(pid, `ns/${kind}`);

/** What follows `NAME:` in a file of procfs; undefined where it cannot be read. */
export const fieldOf = (path: string, name: string): string | undefined =>
  new RegExp(`^${name}:\\s+(.+)$`, 'm').exec(readProc(path) ?? '')?.[1];

/** The flags that a descriptor was opened with (proc_pid_fdinfo(5)); NaN where they cannot be read. */
export const flagsOf = (pid: Pid, fd: string): number =>
  Number.parseInt(fieldOf(`/proc/${pid}/fdinfo/${fd}`, 'flags') ?? '', 8);

/** The pids of its children; some may be left out (proc(5), `/proc/pid/task/tid/children`). */
export const childrenOf = (pid: number): number[] =>
  (readProc(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);

/** Its environment at its exec, NUL-separated; undefined where it cannot be read. */
export const readEnviron = (pid: Pid): string | undefined => readAtOnce(`/proc/${pid}/environ`);

/** Its command line. A title written over it may lack the NUL at the end, or have many (setproctitle(3)). */
export const readArgs = (pid: Pid): string[] => {
  const args = (readAtOnce(`/proc/${pid}/cmdline`) ?? '').split('\0');
  return args.slice(0, args.findLastIndex((arg) => arg !== '') + 1);
};

/**
 * A file in one read(2); undefined where it cannot be read. readFileSync reads 8 KiB at a time: after an exec
 * in between, the kernel says that the environment ends there (environ_read, fs/proc/base.c). Here it is
 * never found by half, except where it pretends to be longer than any (PR_SET_MM_MAP).
 */
export function readAtOnce(path: string): string | undefined {
  const readFrom = (fd: number) => {
    for (let buffer = USUAL; ; buffer = Buffer.alloc(8 * buffer.length)) {
      const count = fs.readSync(fd, buffer, 0, buffer.length, 0);
      if (count < buffer.length || count >= LONGEST) return buffer.toString('utf8', 0, count);
    }
  };
  return attempt(() => withFile(path, O_RDONLY, readFrom));
}
const [USUAL, LONGEST] = [Buffer.alloc(128 * 1024), 8 * 1024 * 1024]; // execve(2) takes 6 MiB

/** Calls `use` with whole lines of a file, some at a time; not at all where it cannot be read. */
export function* eachPiece(path: string, use: (lines: string) => void): Generator<undefined, void> {
  const fd = attempt(() => fs.openSync(path, O_RDONLY));
  if (fd === undefined) return;
  const decoder = new StringDecoder('utf8');
  try {
    for (let rest = ''; ; yield) {
      const count = attempt(() => fs.readSync(fd, PIECE, 0, PIECE.length, null)) ?? 0;
      const text = rest + decoder.write(PIECE.subarray(0, count));
      const end = count === 0 ? text.length : text.lastIndexOf('\n') + 1;
      if (end > 0) use(text.slice(0, end));
      if (count === 0) return;
      rest = text.slice(end);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** How many descriptors are in a `fd`; 0 where the kernel does not say (before 6.2, proc_fd_getattr). */
export const countOf = (dir: string): number => (areCounted() ? sizeOf(dir) : 0);
const sizeOf = (dir: string): number => attempt(() => fs.statSync(dir))?.size ?? 0;
const areCounted = once(() => sizeOf('/proc/self/fd') > 0);

/** Names in a directory; undefined where it cannot be read. A few are read at once: that costs less. */
export function* entriesOf(dir: string): Generator<undefined, string[] | undefined> {
  const count = countOf(dir);
  if (count > 0 && count <= NAMES) return attempt(() => fs.readdirSync(dir));
  const open = attempt(() => fs.opendirSync(dir, { bufferSize: NAMES }));
  if (open === undefined) return undefined;
  const names: string[] = [];
  try {
    for (;;) {
      const entry = attempt(() => open.readSync());
      if (entry === undefined) return undefined;
      if (entry === null) return names;
      if (names.push(entry.name) % NAMES === 0) yield;
    }
  } finally {
    open.closeSync();
  }
}

/** What is in it is taken out before anybody else reads into it. */
const PIECE = Buffer.alloc(64 * 1024); // the kernel gives whole lines, of at most a page
const NAMES = 64;
