// What takes the space below a directory? Told at a session's end, so it must not delay that: breadth first,
// since what is large as a whole is seen near the top, and only as long as there is time. Links are not
// followed.
import { join, relative } from 'node:path';
import { monotonicMs, turns } from '../clock.js';
import { fs, quietly } from '../fs.js';
import { type Reclaimable, reclaimable } from './reclaimable.js';

export interface Largest {
  /** Relative to the directory. */
  path: string;
  /** What removing it would free. */
  bytes: number;
  /** Time ran out before it was looked through: there may be more in it. */
  isPartial: boolean;
}

/**
 * The entries that take most, largest first, none that takes nothing. One that is nearly all of what it lies
 * in stands for that. Yields to the event loop now and then. What cannot be read, or has a name that is no
 * UTF-8, is left out.
 */
export async function largest(dir: string, { withinMs = 50, limit = 3 } = {}): Promise<Largest[]> {
  const top = node(dir);
  if (!quietly(() => fs.lstatSync(dir))?.isDirectory()) return [];
  const all = await walk(top, monotonicMs() + withinMs);
  for (const { parent, bytes, isPartial } of all.toReversed()) {
    if (!parent) continue;
    parent.bytes += bytes;
    parent.isPartial ||= isPartial;
  }
  return top.children
    .filter(({ bytes }) => bytes > 0)
    .sort(byBytes)
    .slice(0, limit)
    .map(narrowed)
    .map(({ path, bytes, isPartial }) => ({ path: relative(dir, path), bytes, isPartial }));
}

interface Node extends Largest {
  parent: Node | undefined;
  children: Node[];
}

const node = (path: string, parent?: Node): Node => ({
  path,
  bytes: 0,
  isPartial: false,
  parent,
  children: [],
});

/** All that was seen, each after what it lies in. */
async function walk(top: Node, until: number): Promise<Node[]> {
  const all = [top];
  const freed = reclaimable();
  const pending = [top];
  const turn = turns();
  for (let next = 0; next < pending.length; next += 1) {
    const directory = pending[next] as Node;
    const isLate = next > 0 && monotonicMs() > until;
    directory.isPartial = isLate || !list(directory, { all, pending, freed, until });
    if (turn.isOver()) await turn.pass();
  }
  return all;
}

interface Walk {
  all: Node[];
  pending: Node[];
  freed: Reclaimable;
  until: number;
}

/** Whether it was read to its end. By the piece: one directory may hold millions. */
function list(directory: Node, { all, pending, freed, until }: Walk): boolean {
  const handle = quietly(() => fs.opendirSync(directory.path, { bufferSize: ENTRIES_A_LOOK }));
  if (!handle) return true;
  try {
    for (let count = 1; ; count += 1) {
      const name = quietly(() => handle.readSync())?.name;
      if (name === undefined) return true;
      const entry = node(join(directory.path, name), directory);
      const stat = quietly(() => fs.lstatSync(entry.path));
      if (!stat) continue;
      const before = freed.bytes;
      freed.add(stat);
      entry.bytes = freed.bytes - before;
      directory.children.push(entry);
      all.push(entry);
      if (stat.isDirectory()) pending.push(entry);
      if (count % ENTRIES_A_LOOK === 0 && monotonicMs() > until) return false;
    }
  } finally {
    handle.closeSync();
  }
}

/** `claude-1000` says less than the file deep in there that is nearly all of it. */
function narrowed(entry: Node): Node {
  const [heaviest] = entry.children.toSorted(byBytes);
  return heaviest && heaviest.bytes >= entry.bytes * NEARLY_ALL ? narrowed(heaviest) : entry;
}

const byBytes = (a: Node, b: Node): number => b.bytes - a.bytes;
const NEARLY_ALL = 0.9;
const ENTRIES_A_LOOK = 64; // at the clock
