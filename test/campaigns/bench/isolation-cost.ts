// What isolation costs at the start, and how soon the memory is back after kill -9: run by hand, prints the tables of
// docs/evidence/isolation.md. Runs of both kinds alternate, since machines are noisy.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { start } from '../../helpers/cli.js';
import { noIsolation, seers } from '../../helpers/isolation.js';
import { qwRun } from '../../helpers/paths.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { CLOCK, story } from './performance/runs.js';
import { median } from './performance/table.js';

const RUNS = 30;
const KILLS = 10;
const MODES = [[], ['--isolate', 'tmpfs'], ['--isolate', 'tmp'], ['--isolate', 'tmp', '--size', '2G']];

const dir = mkdtempSync('/tmp/q-');
const { NODE_EXTRA_CA_CERTS: _read, ...inherited } = process.env; // by Node 20 at each start
const env = { ...inherited, QW_ROOT: `${dir}/r`, XDG_STATE_HOME: `${dir}/s`, QW_REAP: 'off' };
const nameOf = (flags: readonly string[]): string => flags.join(' ') || 'without';

/** ms until the command runs, and of the whole. */
function once(flags: readonly string[]): number[] {
  const args = [qwRun, ...flags, ...CLOCK];
  const { toChild, fromChild } = story({ file: process.execPath, args, cwd: dir, env });
  return [toChild, toChild + fromChild];
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
  const kinds = Object.fromEntries(MODES.map((flags) => [nameOf(flags), [] as number[][]]));
  for (let run = -1; run < RUNS; run += 1)
    for (const flags of MODES) {
      const figures = once(flags);
      if (run >= 0) kinds[nameOf(flags)]?.push(figures);
    }
  console.log(
    '| `qw-run … date` | runs | until it runs, median ms | more than without | whole, median ms | more |',
  );
  console.log('|---|---|---|---|---|---|');
  const medians = (name: string) =>
    [0, 1].map((at) => median((kinds[name] ?? []).map((run) => run[at] as number)));
  const bare = medians(nameOf([]));
  for (const name of Object.keys(kinds)) {
    const cells = medians(name).flatMap((ms, at) => [ms.toFixed(1), (ms - (bare[at] as number)).toFixed(1)]);
    console.log(`| ${name} | ${RUNS} | ${cells.join(' | ')} |`);
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
