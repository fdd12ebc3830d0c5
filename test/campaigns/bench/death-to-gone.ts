// Seconds from death to gone: how long the files of a session outlive its last process when the wrapper was SIGKILLed.
//   npm run bench:death
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../helpers/cli.js';
import { qwRun } from '../../helpers/paths.js';
import { isAlive, kill } from '../../helpers/processes.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { median } from './performance/table.js';

const RUNS = 20;
const AGENT =
  'i=0; while [ $i -lt 20 ]; do echo x > "$TMPDIR/$i"; i=$((i+1)); done; echo "ready $$ "; exec sleep 600';
const EVERY_MS = { timeoutMs: 60_000, everyMs: 2 };

type Order = 'both at once' | 'wrapper, agent 1 s later' | 'wrapper, agent 30 s later';
const ORDERS: [Order, pauseMs: number, runs: number][] = [
  ['both at once', 0, RUNS],
  ['wrapper, agent 1 s later', 1_000, RUNS],
  ['wrapper, agent 30 s later', 30_000, 3],
];

/** One session; gives the ms from the agent's death until nothing of the session is on the disk. */
async function once(dir: string, pauseMs: number): Promise<number> {
  const env = { ...process.env, QW_ROOT: join(dir, 'r'), XDG_STATE_HOME: join(dir, 's'), QW_REAP: 'off' };
  const wrapper = start(qwRun, ['sh', '-c', AGENT], { cwd: dir, env });
  const agent = Number(/ready (\d+) /.exec(await wrapper.says(/ready \d+ /))?.[1]);
  kill(wrapper.pid, 'SIGKILL');
  await waitUntil('the wrapper is gone', () => !isAlive(wrapper.pid));
  await new Promise((resolve) => setTimeout(resolve, pauseMs)); // not a test: the pause is what is measured
  kill(agent, 'SIGKILL');
  const before = performance.now();
  await waitUntil('nothing is left', () => left(join(dir, 'r')).length === 0, EVERY_MS);
  return performance.now() - before;
}

const left = (root: string): string[] =>
  existsSync(root)
    ? [
        ...readdirSync(root).filter((name) => !['.qw-root', '.trash'].includes(name)),
        ...trash(join(root, '.trash')),
      ]
    : [];
const trash = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);
const seconds = (ms: number): string => (ms / 1_000).toFixed(2);

console.log('| SIGKILL to | runs | median s | longest s |\n|---|---|---|---|');
for (const [order, pauseMs, runs] of ORDERS) {
  const dir = mkdtempSync('/tmp/q-');
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await once(dir, pauseMs));
  console.log(`| ${order} | ${runs} | ${seconds(median(times))} | ${seconds(Math.max(...times))} |`);
  rmSync(dir, { recursive: true, force: true });
}
