// What the receipt of a small session costs at its end, in this process: npm run bench:receipt
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from 'qw-run';
import { quantile } from './performance/table.js';

const RUNS = 300;
const dir = mkdtempSync('/tmp/q-');
const env = {
  ...process.env,
  ...{ HOME: dir, QW_ROOT: join(dir, 'r'), XDG_STATE_HOME: join(dir, 's'), QW_REAP: 'off' },
};

async function endMs(log: 'on' | 'off'): Promise<number> {
  const session = await openSession({ backend: 'generic', watchdog: false, env: { ...env, QW_LOG: log } });
  const before = performance.now();
  const { state } = await session.end();
  if (state !== 'removed') throw new Error(state);
  return performance.now() - before;
}

const at = (times: number[], share: number) => quantile(times, share).toFixed(2);

try {
  const [on, off, more]: number[][] = [[], [], []];
  // In turn, each first in every second pair.
  for (let run = 0; run < RUNS; run += 1) {
    const order = run % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const);
    const took = { on: 0, off: 0 };
    for (const log of order) took[log] = await endMs(log);
    on?.push(took.on);
    off?.push(took.off);
    more?.push(took.on - took.off);
  }
  console.log('| end of a small session | pairs | median ms | middle half ms |\n|---|---|---|---|');
  for (const [what, times = []] of [
    ['with a receipt', on],
    ['with QW_LOG=off', off],
    ['the difference, in pairs', more],
  ] as const)
    console.log(`| ${what} | ${RUNS} | ${at(times, 0.5)} | ${at(times, 0.25)}–${at(times, 0.75)} |`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
