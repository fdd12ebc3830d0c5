// How long a server's event loop is held up while the reaper works: npm run bench:reap
// Dead sessions are made on disk (their lease names a process that ended), then `reap()` removes them in this process.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { reap } from 'qw-run';

interface Load {
  name: string;
  sessions: number;
  filesEach: number;
}

const LOADS: Load[] = [
  { name: 'nothing to do', sessions: 0, filesEach: 0 },
  { name: '1,000 sessions of 63 files', sessions: 1_000, filesEach: 63 },
  { name: 'one session of 63,370 files', sessions: 1, filesEach: 63_370 },
  { name: '1,000 sessions of 3 files', sessions: 1_000, filesEach: 3 },
  { name: '10,000 sessions of 3 files', sessions: 10_000, filesEach: 3 },
];

const spawnedAndGone = spawnSync('true');
const pidNamespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';

console.log(
  '| load | removed | entries | reap took, ms | longest delay of the event loop, ms | 99th percentile, ms |',
);
console.log('|---|---|---|---|---|---|');
for (const load of LOADS) console.log(await measureLoad(load));

async function measureLoad({ name, sessions, filesEach }: Load): Promise<string> {
  const dir = mkdtempSync('/tmp/q-');
  const root = join(dir, 'r');
  try {
    mkdirSync(root, { mode: 0o700 });
    for (let index = 0; index < sessions; index += 1) makeDeadSession(root, index, filesEach);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await new Promise((resolve) => setTimeout(resolve, 200)); // the loop at rest before it is watched
    delay.enable();
    const report = await reap({ root });
    delay.disable();
    // The histogram counts its own timer of 1 ms with each delay.
    const ms = (ns: number) => Math.max(0, ns / 1e6 - 1).toFixed(1);
    return `| ${name} | ${report.removed.length} | ${report.entries.toLocaleString('en')} | ${report.ms} | ${ms(delay.max)} | ${ms(delay.percentile(99))} |`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function makeDeadSession(root: string, index: number, files: number): void {
  const id = index.toString(36).padStart(8, '0');
  const dir = join(root, id);
  mkdirSync(join(dir, 'tmp'), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, 'lease.json'), JSON.stringify(deadLease(id)), { mode: 0o600 });
  for (let file = 0; file < files; file += 1) writeFileSync(join(dir, 'tmp', `f${file}`), 'x');
}

function deadLease(id: string): object {
  const owner = {
    pid: spawnedAndGone.pid,
    startTime: 1,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace,
    host: hostname(),
    uid: process.getuid?.() ?? 0,
  };
  return {
    version: 1,
    id,
    backend: 'generic',
    command: ['sleep'],
    cwd: '/',
    createdAt: new Date().toISOString(),
    owner,
  };
}
