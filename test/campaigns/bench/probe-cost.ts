// What the write probe at each session's start and end costs: npm run bench:probe [-- dir…]
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { probe } from '#src/space/probe.js';
import { quantile } from './performance/table.js';
import { PLACES } from './places.js';

const RUNS = 200;

console.log('| directory | runs | median ms | 95th percentile ms |\n|---|---|---|---|');
for (const place of PLACES) {
  const dir = mkdtempSync(join(place, 'q-'));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = performance.now();
    probe(dir);
    times.push(performance.now() - before);
  }
  rmSync(dir, { recursive: true });
  const at = (share: number) => quantile(times, share).toFixed(2);
  console.log(`| ${place} | ${RUNS} | ${at(0.5)} | ${at(0.95)} |`);
}
