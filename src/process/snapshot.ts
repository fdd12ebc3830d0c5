// One pass over procfs for all sessions: who runs, whose TMPDIR lies in a session, who holds something there.
// Only processes of our uid are looked into. What cannot be read is marked, never guessed (PEERS L20).
import { attempt, fs, readProc } from '../fs.js';
import { ownUid } from '../root/guard.js';
import { isWithin, sessionOfPath } from '../root/layout.js';
import { isDead, type ProcessStat, readStat } from './identity.js';
import { type BoundSockets, boundSockets } from './unix-sockets.js';

/** Something open below a session's TMPDIR. */
export interface Hold {
  /** Session directory. */
  dir: string;
  what: 'file' | 'cwd' | 'root' | 'program' | 'mapping' | 'socket';
  path: string;
}

export interface ProcessFacts extends ProcessStat {
  readonly args: readonly string[];
  /** Its environment and descriptors could be read. */
  readable: boolean;
  /** Value of TMPDIR at its exec. */
  tmpdir?: string | undefined;
  holds: Hold[];
  /** TMPDIR and everything open lie outside all roots. */
  isUninvolved?: boolean;
}

export interface Snapshot {
  /** By pid; processes of other uids with their stat alone, so that ancestry can be followed through them. */
  processes: Map<number, ProcessFacts>;
  /** Sockets bound in a session by somebody who could not be read. */
  strays: Hold[];
}

/**
 * Looks at all processes now, yielding to the event loop every few milliseconds. Empty without procfs. With an
 * `earlier` look only what is new since, or had to do with a session then, is looked into again.
 */
export async function takeSnapshot(roots: readonly string[], earlier?: Snapshot): Promise<Snapshot> {
  const steps = snapshotSteps(roots, earlier);
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < SLICE_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}

/** The same in one go, for the synchronous path at process exit. */
export function takeSnapshotSync(roots: readonly string[]): Snapshot {
  const steps = snapshotSteps(roots);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** One process a step. */
function* snapshotSteps(roots: readonly string[], earlier?: Snapshot): Generator<undefined, Snapshot> {
  const needles = roots.map((root) => Buffer.from(`${root}/`));
  const look: Look = { roots, needles, sockets: boundSockets(roots), ownUid: ownUid() };
  const processes = new Map<number, ProcessFacts>();
  for (const pid of listPids()) {
    const stat = readStat(pid);
    if (stat && !isDead(stat)) processes.set(pid, unchanged(stat, earlier) ?? inspect(stat, look));
    yield;
  }
  return { processes, strays: look.sockets.unclaimed() };
}

interface Look {
  roots: readonly string[];
  needles: Buffer[];
  sockets: BoundSockets;
  ownUid: number;
}

const listPids = (): number[] =>
  (attempt(() => fs.readdirSync('/proc')) ?? []).map(Number).filter((pid) => pid > 0);

/** The facts of an earlier look: still the same program with the same parent, and it had nothing to do with a session. */
function unchanged(stat: ProcessStat, earlier: Snapshot | undefined): ProcessFacts | undefined {
  const facts = earlier?.processes.get(stat.pid);
  const isSame =
    facts?.startTime === stat.startTime &&
    facts.comm === stat.comm &&
    facts.ppid === stat.ppid &&
    facts.session === stat.session;
  return isSame && facts.isUninvolved ? facts : undefined;
}

function inspect(stat: ProcessStat, look: Look): ProcessFacts {
  const { pid } = stat;
  const outsider = { ...stat, args: [], readable: true, holds: [], isUninvolved: true };
  if (pid === process.pid || stat.isKernelThread) return outsider;
  // The directory's owner is the effective uid whether or not its files can be read (task_dump_owner, fs/proc/base.c).
  const owner = fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  if (owner !== look.ownUid) return outsider;
  const environ = readProc(`/proc/${pid}/environ`);
  const fds = environ && attempt(() => fs.readdirSync(`/proc/${pid}/fd`));
  if (!environ || !fds)
    return {
      ...outsider,
      get args() {
        return readArgs(pid);
      },
      readable: readStat(pid) === undefined,
    };
  const tmpdir = variable(environ, 'TMPDIR');
  const holds = findHolds(pid, fds, look);
  const isUninvolved =
    holds.length === 0 && !(tmpdir !== undefined && look.roots.some((root) => isWithin(root, tmpdir)));
  return {
    ...stat,
    get args() {
      return readArgs(pid);
    },
    readable: true,
    tmpdir,
    holds,
    isUninvolved,
  };
}

/** Asked of few: only names of members are compared with the spared programs. */
const readArgs = (pid: number): string[] =>
  (readProc(`/proc/${pid}/cmdline`)?.toString('utf8') ?? '').split('\0').slice(0, -1);

function findHolds(pid: number, fds: string[], { roots, needles, sockets }: Look): Hold[] {
  const holds: Hold[] = [];
  const add = (what: Hold['what'], path: string) => {
    const dir = roots.map((root) => sessionOfPath(root, path)).find((found) => found !== undefined);
    if (dir !== undefined) holds.push({ dir, what, path });
  };
  for (const fd of fds) {
    const link = `/proc/${pid}/fd/${fd}`;
    const target = attempt(() => fs.readlinkSync(link));
    if (target?.startsWith('socket:[')) holds.push(...sockets.claim(pid, target.slice(8, -1)));
    else if (target?.startsWith('/') && !isUnlinked(link, target)) add('file', target);
  }
  for (const [name, what] of LINKS) {
    const link = `/proc/${pid}/${name}`;
    const target = attempt(() => fs.readlinkSync(link));
    if (target && !isUnlinked(link, target)) add(what, target);
  }
  const maps = readProc(`/proc/${pid}/maps`, { isTable: true });
  if (maps && needles.some((needle) => maps.includes(needle))) {
    for (const path of mappedPaths(maps.toString('utf8'))) add('mapping', path);
  }
  return holds;
}

/** A removed file that is still open loses nothing when its directory goes. */
const isUnlinked = (link: string, target: string): boolean =>
  target.endsWith(' (deleted)') && attempt(() => fs.statSync(link))?.nlink === 0;

/** Sixth column of /proc/PID/maps, without the files already removed. */
const mappedPaths = (maps: string): string[] =>
  maps
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .filter((path) => path.startsWith('/') && !path.endsWith(' (deleted)'));

/** Value of a variable in a NUL-separated environment; the first one counts, as getenv(3) has it. */
export function variable(environ: Buffer, name: string): string | undefined {
  const needle = Buffer.from(`\0${name}=`);
  const head = environ.subarray(0, needle.length - 1).equals(needle.subarray(1));
  const at = head ? 0 : environ.indexOf(needle) + 1;
  if (at === 0 && !head) return undefined;
  const start = at + needle.length - 1;
  const end = environ.indexOf(0, start);
  return environ.toString('utf8', start, end < 0 ? environ.length : end);
}

const LINKS = [
  ['cwd', 'cwd'],
  ['root', 'root'],
  ['exe', 'program'],
] as const;
const SLICE_MS = 5; // a server's event loop is not held longer than this
