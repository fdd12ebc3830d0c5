// How much a tree holds that is about to go. find(1) goes through a large one three times as fast as we do, in a process of its own; where
// there is no GNU find we count ourselves. Links are not followed, and what is mounted below is another's.
import { askFind } from '../process/ask-find.js';
import { reclaimable } from '../space/reclaimable.js';
import { type Measure, measure } from './measure.js';

export type Size = Pick<Measure, 'bytes' | 'entries'>;

/** Counts everything below `dir`; what cannot be read is left out. */
export async function sizeOf(dir: string): Promise<Size> {
  const small = await measure(dir, { until: performance.now() + ALONE_MS });
  return small.isPartial ? ((await sizeByFind(dir)) ?? measure(dir)) : small;
}

/** The same by find; undefined where that cannot do it. */
export async function sizeByFind(dir: string): Promise<Size | undefined> {
  const args = ['-P', dir, '-mindepth', '1', '-xdev', '-printf', '%y %b %n %D %i\\n'];
  const freed = reclaimable();
  let entries = 0;
  const add = (line: string) => {
    const [type, blocks, nlink, dev, ino] = line.split(' ');
    entries += 1;
    freed.add({
      isDirectory: () => type === 'd',
      blocks: Number(blocks),
      nlink: Number(nlink),
      dev: Number(dev),
      ino: Number(ino),
    });
  };
  await askFind(args, '\n', add);
  // It fails also for a directory it may not read, and then has told the rest; without -printf it has told nothing.
  return entries > 0 ? { bytes: freed.bytes, entries } : undefined;
}

/** A small tree is looked through sooner than another process is started, in ms. */
const ALONE_MS = 10;
