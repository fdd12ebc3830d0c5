// What looking for work costs before a removal, beside the removal itself: npm run bench:work [-- dir…]
// Each run makes a tree, looks through it, removes it with rm -rf. Under load the time of the processor says more
// than the clock: the least of all looks. Beside it what no such program can do without, and what find takes.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findWork } from '#src/work/find-work.js';
import { median } from './performance/table.js';
import { PLACES } from './places.js';

const RUNS = 3;

/** Makes a directory with files in it; gives how many entries that are. */
function files(dir: string, count: number): number {
  mkdirSync(dir, { recursive: true });
  for (let file = 0; file < count; file += 1) writeFileSync(join(dir, `file-number-${file}.js`), '');
  return count + 1;
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
const times = (count: number, make: (index: number) => number): number =>
  sum(Array.from({ length: count }, (_, index) => make(index)));

/** A package as npm installs it; every tenth one has packages of its own. */
const npmPackage = (dir: string, index: number): number =>
  files(dir, 4) +
  files(join(dir, 'dist/cjs'), 12) +
  files(join(dir, 'dist/esm'), 12) +
  files(join(dir, 'lib/internal'), 6) +
  files(join(dir, 'lib'), 8) -
  1 + // lib was there
  2 + // dist, lib
  (index % 10 === 0 ? 1 + times(3, (inner) => files(join(dir, `node_modules/inner-${inner}`), 6)) : 0);

const TREES: [what: string, make: (dir: string) => number][] = [
  ['100,000 files in 1,000 directories', (dir) => times(1_000, (at) => files(join(dir, `d${at}`), 100))],
  ['100,000 files in one', (dir) => files(join(dir, 'one'), 100_000)],
  ['2,000 packages of npm', (dir) => times(2_000, (at) => npmPackage(join(dir, `m/package-${at}`), at))],
];

/** The least for a safe look in Node: each directory is opened in the one above, and read where it has others. */
function openEach(path: string): void {
  const fd = openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const base = `/proc/self/fd/${fd}`;
  if (fstatSync(fd).nlink === 2) lstatSync(`${base}/.git`, { throwIfNoEntry: false });
  else
    for (const entry of readdirSync(base, { withFileTypes: true }))
      if (entry.isDirectory()) openEach(`${base}/${entry.name}`);
  closeSync(fd);
}
const O_PATH = 0o10000000; // open(2)

/** In µs of the processor. */
async function cost(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The same of `find`; NaN where there is none. */
function costOfFind(dir: string): number {
  const script = 'TIMEFORMAT="%U %S"; time find "$0" -name .git';
  const { stderr } = spawnSync('bash', ['-c', script, dir], { encoding: 'utf8' });
  const [, user, system] = /^([\d.]+) ([\d.]+)\n$/.exec(stderr) ?? [];
  return (Number(user) + Number(system)) * 1e6;
}

async function measure(place: string, what: string, make: (dir: string) => number): Promise<void> {
  const looks: number[] = [];
  const removals: number[] = [];
  const [ours, least, find]: [number[], number[], number[]] = [[], [], []];
  let entries = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const dir = mkdtempSync(join(place, 'q-'));
    try {
      entries = make(dir);
      const startedAt = performance.now();
      const look = async () => {
        if ((await findWork(dir)).unseen !== undefined) throw new Error('not all was seen');
      };
      ours.push(await cost(look));
      looks.push(performance.now() - startedAt);
      least.push(await cost(() => openEach(dir)));
      find.push(costOfFind(dir));
    } finally {
      const startedAt = performance.now();
      execFileSync('rm', ['-rf', dir]);
      removals.push(performance.now() - startedAt);
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const [look, removal] = [median(looks), median(removals)];
  const eachOf = (us: number) => (us / entries).toFixed(2);
  const wall = [look.toFixed(0), eachOf(look * 1_000)];
  const processor = [ours, least, find].map((all) => eachOf(Math.min(...all)));
  const cells = [place, what, entries, ...wall, ...processor, removal.toFixed(0)];
  console.log(`| ${cells.join(' | ')} | ${((look / removal) * 100).toFixed(1)} |`);
}

console.log(
  '| on | tree | entries | look ms | µs an entry | processor µs an entry | the least in Node | find | rm -rf ms | look in % of it |\n' +
    '|---|---|---|---|---|---|---|---|---|---|',
);
for (const place of PLACES) for (const [what, make] of TREES) await measure(place, what, make);
