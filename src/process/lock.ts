// A lock that only ever keeps (flock(2)): the watchdog's shell holds one while it watches, and the kernel
// lets go of it when that is gone, however it went. Seen from other pid, mount and time namespaces, and while
// the owner is stopped. Node cannot lock; the system's `flock` can, of util-linux or busybox. Held means
// alive; free or unknown prove nothing.
import { fs, quietly, TO_MAKE, TO_READ, withFile } from '../fs.js';
import { ownUid } from '../root/trusted.js';
import { findTool, type Program, SHELL } from './find-tool.js';
import { FIRST_INHERITED, runTool } from './run-tool.js';

export type LockState = 'held' | 'free' | 'unknown';

/** Makes the file that a watchdog will lock; false where that fails: nothing depends on it. */
export function makeLock(file: string): boolean {
  if (!findFlock()) return false;
  const make = (fd: number) => {
    fs.fchmodSync(fd, 0o600); // the umask may have taken from it
    return true;
  };
  return quietly(() => withFile(file, TO_MAKE, make)) ?? isOwnFile(quietly(() => fs.lstatSync(file)));
}

export const removeLock = (file: string): void => void quietly(() => fs.unlinkSync(file));

/** The state of each of `files`. One child process for many; one that does not answer in time is unknown. */
export async function lockStates(
  files: readonly string[],
  deadlineMs = DEADLINE_MS,
): Promise<Map<string, LockState>> {
  const states = new Map<string, LockState>(files.map((file) => [file, 'unknown']));
  const flock = findFlock();
  if (flock === undefined) return states;
  const all = [...states.keys()];
  for (let at = 0; at < all.length; at += MOST_AT_ONCE) {
    const open = new Map(all.slice(at, at + MOST_AT_ONCE).flatMap(openLock));
    const answers = open.size > 0 ? await askChild(flock, [...open.values()], deadlineMs) : [];
    for (const [index, file] of [...open.keys()].entries()) states.set(file, answers[index] ?? 'unknown');
  }
  return states;
}

/** What locks; undefined where nothing can. */
export const findFlock = (): Program | undefined =>
  process.platform === 'linux' ? findTool('flock') : undefined;

/** Follows no link and waits for no FIFO; what is no file of ours is not asked. */
function openLock(file: string): [file: string, fd: number][] {
  const fd = quietly(() => fs.openSync(file, TO_READ));
  if (fd === undefined) return [];
  if (isOwnFile(quietly(() => fs.fstatSync(fd)))) return [[file, fd]];
  fs.closeSync(fd);
  return [];
}

/** Closes `fds`. A lock on a network's file system may hang. */
async function askChild(flock: Program, fds: readonly number[], timeoutMs: number): Promise<LockState[]> {
  try {
    const numbers = fds.map((_, index) => String(FIRST_INHERITED + index));
    const options = { inherited: fds, hears: true, timeoutMs };
    const { stdout } = await runTool(SHELL, ['-c', SCRIPT, flock, ...numbers], options);
    const said = new Set(stdout.split('\n'));
    const states = ['held', 'free'] as const;
    return numbers.map((number) => states.find((state) => said.has(`${number} ${state}`)) ?? 'unknown');
  } finally {
    for (const fd of fds) fs.closeSync(fd);
  }
}

const isOwnFile = (stat: ReturnType<typeof fs.lstatSync>): boolean =>
  stat?.isFile() === true && stat.uid === ownUid();

/** Exit 1 without a word: somebody has the lock. busybox's exits so for errors too, which it explains. */
const SCRIPT = `for n do
  said=$("$0" -s -n $n 2>&1)
  case $?$said in 0) echo "$n free";; 1) echo "$n held";; esac
done`;
const MOST_AT_ONCE = 100;
const DEADLINE_MS = 5_000;
