// Trees of the size of the one that filled the disk: 63,370 entries, 909 MB, in 1,000 directories that belong to one
// agent's session each. Made once, then copied with their times: `cp -a`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ENTRIES = 63_370;
export const UNITS = 1_000;
/** Of all files together. */
export const BYTES = 909e6;

export interface Tree {
  dir: string;
  entries: number;
  units: number;
  /** Of each file. */
  bytesEach?: number;
}

/** Makes it: units, their directories included, with what is left of `entries` spread over them as files. Gives the units. */
export function makeTree({ dir, entries, units, bytesEach = 1 }: Tree): string[] {
  const content = Buffer.alloc(bytesEach, 'x');
  const paths = Array.from({ length: units }, (_, at) => join(dir, unitName(at)));
  for (const path of paths) mkdirSync(path, { recursive: true });
  for (let file = 0; file < entries - units; file += 1)
    writeFileSync(join(paths[file % units] as string, `f${file}`), content);
  return paths;
}

/** As Claude names what belongs to one session. */
const unitName = (at: number): string => `00000000-0000-4000-8000-${at.toString(16).padStart(12, '0')}`;

/** A copy with the same times. */
export function copyTree(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync('cp', ['-a', from, to]);
}

/** Sets both times that can be set, ms since 1970. */
export const setTimes = (path: string, ms: number): void => utimesSync(path, ms / 1_000, ms / 1_000);

export const removeTree = (dir: string): void => rmSync(dir, { recursive: true, force: true });
