// What the write probe at each session's start and end costs: npm run bench:probe [-- dir…]
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { probe } from '#src/space/probe.js';

const RUNS = 200;

console.log('| directory | runs | median ms | 95th percentile ms |\n|---|---|---|---|');
for (const place of process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['/tmp', '/dev/shm']) {
  const dir = mkdtempSync(join(place, 'q-'));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = performance.now();
    probe(dir);
    times.push(performance.now() - before);
  }
  rmSync(dir, { recursive: true });
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(RUNS * share)] ?? Number.NaN).toFixed(2);
  console.log(`| ${place} | ${RUNS} | ${at(0.5)} | ${at(0.95)} |`);
}
