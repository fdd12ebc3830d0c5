// How much trees hold, by find(1): it goes through large ones three times as fast as we do, in a process of its own. Where there is no
// GNU find we measure ourselves. Links are not followed, and what is mounted below is another's.
import { askFind } from '../process/ask-find.js';
import { addPrinted, printBlocks } from '../space/blocks-by-find.js';
import { type Reclaimable, reclaimable } from '../space/reclaimable.js';
import { type Measure, measure } from './measure.js';

export type Size = Pick<Measure, 'bytes' | 'entries'>;

/** How much is below `dir`; what cannot be read is left out. */
export async function sizeOf(dir: string): Promise<Size> {
  const small = await measure(dir, { until: performance.now() + ALONE_MS });
  return small.isPartial ? ((await sizeByFind(dir)) ?? measure(dir)) : small;
}

/** The same by find; undefined where that cannot tell. */
export async function sizeByFind(dir: string): Promise<Size | undefined> {
  const freed = reclaimable();
  let entries = 0;
  const expression = ['-mindepth', '1', '-xdev', ...printBlocks('', '\\n')];
  await askFind({ starts: [dir], expression, end: '\n' }, (record) => {
    entries += 1;
    addPrinted(freed, record);
  });
  // It complains also of a directory it may not read, and then has told the rest; without -printf it has told nothing.
  return entries > 0 && freed.bytes >= 0 ? { bytes: freed.bytes, entries } : undefined;
}

/** The same with when it was used last. */
export async function measureByFind(dir: string): Promise<Measure> {
  const small = await measure(dir, { until: performance.now() + ALONE_MS });
  return small.isPartial ? ((await sizesByFind([dir])).get(dir) ?? measure(dir)) : small;
}

/** That of many at once, by find: of those that it has said anything about. */
export async function sizesByFind(dirs: readonly string[]): Promise<Map<string, Measure>> {
  const sums = new Map<string, Sum>();
  const add = (record: string) => {
    const [type, blocks, nlink, dev, ino, ...times] = record.split(' ', FIELDS) as [string, ...string[]];
    const dir = record.slice(record.indexOf('/'));
    const sum = sums.get(dir) ?? { freed: reclaimable(), entries: 0, newestAt: 0 };
    sums.set(dir, sum);
    sum.entries += 1;
    const isDirectory = () => type === 'd';
    sum.freed.add({
      isDirectory,
      blocks: Number(blocks),
      nlink: Number(nlink),
      dev: Number(dev),
      ino: Number(ino),
    });
    if (type !== 'd') sum.newestAt = Math.max(sum.newestAt, ...times.map((time) => Number(time) * 1_000));
  };
  await askFind({ starts: dirs, expression: ['-mindepth', '1', '-xdev', '-printf', FORMAT], end: '\n' }, add);
  const told = ({ freed, entries, newestAt }: Sum) => ({
    bytes: freed.bytes,
    entries,
    newestAt,
    isPartial: false,
  });
  return new Map([...sums].map(([dir, sum]) => [dir, told(sum)]));
}

interface Sum {
  freed: Reclaimable;
  entries: number;
  newestAt: number;
}

/** Numbers up to the path that was asked about, which may have blanks in it but no end of a line. */
const FORMAT = '%y %b %n %D %i %A@ %T@ %C@ %H\\n';
const FIELDS = 8;
/** A small tree is looked through sooner than another process is started, in ms. */
const ALONE_MS = 10;
