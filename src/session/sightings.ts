// Looks now and then, while agents live, who descends from them: descent can be seen only as long as the
// parents live, and a daemon may overwrite its environment, or be sudo. One look serves all sessions of this
// process. It reads a line of each process, so it is left out where nobody was born since the last one.

import { newYielder } from '../clock.js';
import { membersIn } from '../end/occupants.js';
import type { Subject } from '../end/release-options.js';
import { quietly, readProc } from '../fs.js';
import { isAlive } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import { takeDescentInTurns } from '../process/take-table.js';

const watched = new Set<() => Subject>();
let next: NodeJS.Timeout | undefined;

/** Looks at a session from half a second after its agent is there; gives the undo. Keeps no process alive. */
export function watchDescent(facts: () => Subject): () => void {
  watched.add(facts);
  youngest = undefined;
  if (canListPids()) lookIn(SOON_MS);
  return () => void watched.delete(facts);
}

let dueAt = Infinity;

function lookIn(ms: number): void {
  const at = performance.now() + ms;
  if (at >= dueAt) return;
  clearTimeout(next);
  dueAt = at;
  next = setTimeout(look, ms).unref();
}

async function look(): Promise<void> {
  dueAt = Infinity;
  if (watched.size === 0) return;
  if (!isNobodyNew()) await lookAtAll();
  if (watched.size > 0) lookIn(LATER_MS);
}

/** The pid given away last (proc_loadavg(5)), which lxcfs makes up: now and then all are looked at anyway. */
function isNobodyNew(): boolean {
  const now = quietly(() => readProc('/proc/loadavg'))?.split(' ')[4];
  const isSame = now !== undefined && now === youngest && leftOut < MOST_LEFT_OUT;
  youngest = now;
  leftOut = isSame ? leftOut + 1 : 0;
  return isSame;
}
let youngest: string | undefined;
let leftOut = 0;

async function lookAtAll(): Promise<void> {
  const table = await takeDescentInTurns().catch(() => undefined); // out of descriptors: next time
  const yielder = newYielder();
  for (const facts of watched) {
    if (yielder.isDue()) await yielder.yield();
    if (!watched.has(facts)) continue; // ended meanwhile
    const options = facts();
    if (table && options.agent && isAlive(options.agent)) quietly(() => membersIn(table, options));
  }
}

const SOON_MS = 500;
const LATER_MS = 60_000;
const MOST_LEFT_OUT = 9;
