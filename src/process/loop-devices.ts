// Loop devices: the file behind one is in use by the kernel, and no process has it open.
import { attempt, fs, readProc } from '../fs.js';
import { type Hold, type Watch, watchedDir } from './watch.js';

/** Devices on a file in what is watched. With a file that was removed nothing more is lost. */
export const loopHolds = (watch: Watch): Hold[] =>
  (attempt(() => fs.readdirSync(BLOCK)) ?? [])
    .filter((name) => /^loop\d+$/.test(name) && fs.existsSync(backing(name))) // most have none
    .flatMap((name) => {
      const file = readProc(backing(name))?.replace(/\n$/, '') ?? '';
      const dir = file.endsWith(' (deleted)') ? undefined : file && watchedDir(watch, file);
      return dir ? [{ dir, what: 'loop' as const, path: `${file} (/dev/${name})` }] : [];
    });

const backing = (name: string): string => `${BLOCK}/${name}/loop/backing_file`;
const BLOCK = '/sys/block';
