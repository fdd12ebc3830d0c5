// What single threads have to themselves: unshare(2) and clone(2) give one a working directory, a root and
// descriptors that /proc/PID does not show. Nothing shows whether two threads share, so what they have is
// compared, the cheapest first: to look at each like a process would take too long, a java has a hundred.
import { countOf, entriesOf, linkOf } from './procfs.js';

/** A thread that differs. `/proc/<thread>` shows it, though it is in no list. */
export interface OwnThread {
  thread: number;
  /** Names of its descriptors; none where they are those of the process. */
  fds: readonly string[];
}

/** Calls `look` with each other thread that differs from this one, which has the descriptors `fds`. */
export function* ownThreads(
  thread: number,
  fds: readonly string[],
  look: (other: OwnThread) => Generator<undefined, void>,
): Generator<undefined, void> {
  const places = placesOf(thread);
  const highest = fds.slice(-COMPARED);
  const links = linksOf(thread, highest);
  const count = countOf(`/proc/${thread}/fd`);
  const all = String(fds);
  for (const name of (yield* entriesOf(`/proc/${thread}/task`)) ?? []) {
    const tid = Number(name);
    if (tid === thread) continue;
    // Cheapest first: a machine has thousands of threads.
    let isShared = linksOf(tid, highest) === links && countOf(`/proc/${tid}/fd`) === count;
    const names = isShared && count > 0 ? fds : ((yield* entriesOf(`/proc/${tid}/fd`)) ?? []);
    isShared &&= names === fds || String(names) === all;
    if (!isShared || placesOf(tid) !== places) yield* look({ thread: tid, fds: isShared ? [] : names });
    yield;
  }
}

const placesOf = (tid: number): string => linkTo(tid, 'cwd') + linkTo(tid, 'root');

const linksOf = (tid: number, fds: readonly string[]): string =>
  fds.map((fd) => linkTo(tid, `fd/${fd}`)).join();

const linkTo = (tid: number, name: string): string => `${linkOf(tid, name)}\0`;

/** A new one has the lowest number that is free: where the others are alike, they differ late. */
const COMPARED = 2;
