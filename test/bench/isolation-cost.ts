// What isolation costs at the start, and how soon the memory is back after kill -9: run by hand, prints the tables of
// docs/isolation.md. Runs of both kinds alternate, since machines are noisy.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { start } from '../helpers/cli.js';
import { noIsolation, seers } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { waitUntil } from '../helpers/wait-until.js';
import { median } from './performance/table.js';

const RUNS = 30;
const KILLS = 10;
const MODES = [[], ['--isolate', 'tmpfs'], ['--isolate', 'tmp'], ['--isolate', 'tmp', '--size', '2G']];

const dir = mkdtempSync('/tmp/q-');
const env = { ...process.env, QW_ROOT: `${dir}/r`, XDG_STATE_HOME: `${dir}/s`, QW_REAP: 'off' };
const nameOf = (flags: readonly string[]): string => flags.join(' ') || 'without';

function once(flags: readonly string[]): number {
  const since = performance.now();
  const { status } = spawnSync(process.execPath, [qwRun, ...flags, 'true'], { env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${nameOf(flags)}: exit ${status}`);
  return performance.now() - since;
}

/** Shared memory of the whole machine, in KiB: a tmpfs counts there (proc_meminfo(5)). */
const sharedKib = (): number => Number(/Shmem:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);

async function killed(): Promise<number> {
  const script = 'head -c 200000000 /dev/zero >"$TMPDIR/f"; echo "ready $$ "; exec sleep 600';
  const before = sharedKib();
  const running = start(qwRun, ['--isolate', 'tmpfs', 'sh', '-c', script], { env });
  const agent = Number(/ready (\d+)/.exec(await running.says(/ready \d+ /))?.[1]);
  for (const pid of [running.pid, agent]) process.kill(pid, 'SIGKILL');
  const since = performance.now();
  await waitUntil('the memory is back', () => sharedKib() < before + 50_000, { everyMs: 1 });
  const ms = performance.now() - since;
  await waitUntil('nobody sees it', () => seers(dir).length === 0);
  return ms;
}

const why = noIsolation();
if (why) throw new Error(why);
try {
  const times = new Map(MODES.map((flags) => [nameOf(flags), [] as number[]]));
  for (let run = -1; run < RUNS; run += 1)
    for (const flags of MODES) {
      const ms = once(flags);
      if (run >= 0) times.get(nameOf(flags))?.push(ms);
    }
  const bare = median(times.get('without') ?? []);
  console.log('| `qw-run … true` | runs | median ms | more than without |\n|---|---|---|---|');
  for (const [name, values] of times) {
    const ms = median(values);
    console.log(`| ${name} | ${RUNS} | ${ms.toFixed(1)} | ${(ms - bare).toFixed(1)} |`);
  }
  const backs: number[] = [];
  for (let run = 0; run < KILLS; run += 1) backs.push(await killed());
  const longest = Math.max(...backs).toFixed(0);
  console.log(
    '\n| SIGKILL to wrapper and agent, 200 MB in TMPDIR | runs | median ms | longest ms |\n|---|---|---|---|',
  );
  console.log(`| until the memory is back | ${KILLS} | ${median(backs).toFixed(0)} | ${longest} |`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
