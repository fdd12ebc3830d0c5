// How much trees hold, by find(1): it goes through large ones three times as fast as we do, in a process of
// its own. Where there is no GNU find we measure ourselves. Links are not followed, and what is mounted below
// is another's.
import { askFind } from '../process/ask-find.js';
import { type Reclaimable, reclaimable } from '../space/reclaimable.js';
import { knownUse } from '../sweep/last-use.js';
import { type Measure, measure } from './measure.js';

/**
 * What is to be found out: with the times of files it takes a third longer, and without them `newestAt` may
 * be 0.
 */
export type Detail = 'bytes' | 'times';

/** Measures everything below `dir`; what cannot be read is left out. */
export async function sizeOf(dir: string, detail: Detail = 'bytes'): Promise<Measure> {
  const small = await measure(dir, { until: performance.now() + ALONE_MS });
  return small.isPartial ? ((await sizesByFind([dir], detail)).get(dir) ?? measure(dir)) : small;
}

/**
 * The same of many at once, by find: of those that it has told all about, and that have something in them.
 */
export async function sizesByFind(dirs: readonly string[], detail: Detail): Promise<Map<string, Measure>> {
  const sums = new Map<string, Sum>();
  const odd = new Set<string>();
  await askFind({ starts: dirs, expression: expression(detail), end: '\n' }, (record) => {
    const [, depth, blocks, dir, entries] = RECORD.exec(record) ?? [];
    if (dir === undefined) return;
    const sum = sums.get(dir) ?? { freed: reclaimable(), entries: 0, newestAt: 0 };
    sums.set(dir, sum);
    if (depth !== '0') add([1, Number(blocks)], sum);
    const pairs = parse(`[${entries}0,0]`);
    if (pairs) add(pairs, sum);
    else odd.add(dir);
  });
  const told = ({ freed, entries, newestAt }: Sum) => {
    return { bytes: freed.bytes, entries, newestAt, isPartial: false };
  };
  const known = [...sums].filter(([dir, { entries }]) => entries > 0 && !odd.has(dir));
  return new Map(known.map(([dir, sum]) => [dir, told(sum)]));
}

/**
 * A line for each directory: depth, blocks, the path that was asked about; then what is in it, until the next
 * one is met.
 */
const RECORD = /^(\d+),(\d+),([^\0]+)\0([-\d.,[\]]*)$/;

/**
 * Thousands of entries at once: in steps of ours, which all run for the first time, it took longer than find
 * does.
 */
function parse(json: string): Entry[] | undefined {
  try {
    return JSON.parse(json) as Entry[];
  } catch {
    return undefined; // another find than we know
  }
}

interface Sum {
  freed: Reclaimable;
  entries: number;
  newestAt: number;
}

/** Depth, and blocks alone or which file it is of several names, and its times. */
function expression(detail: Detail): string[] {
  const directory = ['-type', 'd', '-printf', '\\n%d,%b,%H\\0'];
  const file = detail === 'bytes' ? ['-links', '1', '-printf', '%d,%b,', '-o'] : [];
  const times = detail === 'times' ? ',%A@,%T@,%C@' : '';
  return ['-xdev', ...directory, '-o', ...file, '-printf', `%d,[%n,%b,%D,%i${times}],`];
}

type Entry = number | [nlink: number, blocks: number, dev: number, ino: number, ...times: number[]];

/** Of pairs of depth and entry. What was asked about itself is at depth 0 and not counted. */
function add(pairs: readonly Entry[], sum: Sum): void {
  let blocks = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    const entry = pairs[at + 1] as Entry;
    if (pairs[at] === 0) continue;
    sum.entries += 1;
    if (typeof entry === 'number') blocks += entry;
    else addFile(entry, sum);
  }
  sum.freed.addBlocks(blocks);
}

function addFile([nlink, blocks, dev, ino, ...times]: Exclude<Entry, number>, sum: Sum): void {
  sum.freed.add({ isDirectory: () => false, nlink, blocks, dev, ino });
  if (times.length === 0) return;
  const [atimeMs = 0, mtimeMs = 0, ctimeMs = 0] = times.map((seconds) => seconds * 1_000);
  sum.newestAt = Math.max(sum.newestAt, knownUse({ atimeMs, mtimeMs, ctimeMs }, Date.now()));
}

/** A small tree is looked through sooner than another process is started, in ms. */
const ALONE_MS = 10;
