// Loop devices: the file behind one is in use by the kernel, and no process has it open.
import { attempt, fs, readProc } from '../fs.js';
import { type OtherName, watchedAt } from './mount-uses.js';
import type { Hold, Watch } from './watch.js';

/** Devices on a file in what is watched. With a file that was removed nothing more is lost. */
export const loopHolds = (watch: Watch, others: readonly OtherName[]): Hold[] =>
  (attempt(() => fs.readdirSync(BLOCK)) ?? [])
    .filter((name) => /^loop\d+$/.test(name) && fs.existsSync(backing(name))) // most have none
    .flatMap((name) => {
      const file = readProc(backing(name))?.replace(/\n$/, '') ?? '';
      const places = file.endsWith(' (deleted)') ? [] : watchedAt(watch, file, others);
      return places.map(({ dir }) => ({ dir, what: 'loop' as const, path: `${file} (/dev/${name})` }));
    });

const backing = (name: string): string => `${BLOCK}/${name}/loop/backing_file`;
const BLOCK = '/sys/block';
