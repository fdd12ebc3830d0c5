// What an idle wrapper does every ten minutes: the heartbeat and the write probe. Measured by doing it often in a process of the
// Node in question, since a minute of watching sees none of it.
import { execFileSync } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { argv, cpuUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import { watchPressure } from '#src/session/pressure.js';
import type { Bench, Node } from './bench.js';

const A_HOUR = 6;
const TIMES = 200;
const script = fileURLToPath(import.meta.url);

/** Processor time of an hour's heartbeats and probes, in ms. */
export const perHour = ({ path }: Node, { box }: Pick<Bench, 'box'>): number =>
  Number(execFileSync(path, [script, box.dir], { env: box.env, encoding: 'utf8' })) * A_HOUR;

if (argv[1] === script) {
  const dir = argv[2] as string;
  const pressure = watchPressure({ dir: () => dir, note: `${dir}/full` });
  const before = cpuUsage();
  for (let times = 0; times < TIMES; times += 1) {
    utimesSync(join(dir, 'w'), Date.now() / 1_000, Date.now() / 1_000);
    pressure.look();
  }
  const { user, system } = cpuUsage(before);
  pressure.stop();
  console.log((user + system) / 1_000 / TIMES);
}
