// What a wrapper takes while its agent is at work: twenty of each kind wait side by side, for two of the looks that ours have a stat of
// their session directory every 50 s. Processor time comes from schedstat, which counts nanoseconds where /proc/PID/stat counts
// hundredths of a second. What happens every ten minutes is measured by itself.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { childrenOf } from '../../../helpers/cli.js';
import { watchdogsOf } from '../../../helpers/owners.js';
import { fixture, qwRun } from '../../../helpers/paths.js';
import { isAlive, kill } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Bench, Node, Row } from './bench.js';
import { perHour } from './every-ten-minutes.js';
import type { Line } from './table.js';

const OF_EACH = 20;
const SETTLED_S = 60; // after the one look of its own
const WATCHED_S = 100;

export const idle: Row = {
  name: 'idle',
  measure: async (bench) => {
    const lines: Line[] = [];
    for (const node of bench.nodes) lines.push(...(await measureUnder(node, bench)));
    return lines;
  },
};

async function measureUnder(node: Node, bench: Bench): Promise<Line[]> {
  const [alone] = start(node, qwRun, 1, bench) as [number];
  const watchdog = await waitUntil('the watchdog is there, and no child of ours', () =>
    watchdogsOf(alone).find((pid) => !childrenOf(alone).includes(pid) && isAlive(pid)),
  );
  const pss = kib(`/proc/${watchdog}/smaps_rollup`, 'Pss') / 1_024;
  const pids = {
    ours: [alone, ...start(node, qwRun, OF_EACH - 1, bench)],
    peer: start(node, fixture('least-wrapper.cjs'), OF_EACH, bench),
  };
  await pause(bench.seconds(SETTLED_S) * 1_000);
  const seconds = bench.seconds(WATCHED_S);
  const before = { ours: pids.ours.map(cpuMs), peer: pids.peer.map(cpuMs) };
  await pause(seconds * 1_000);
  const hourly = (kind: 'ours' | 'peer') =>
    pids[kind].map((pid, at) => ((cpuMs(pid) - (before[kind][at] ?? 0)) * 3_600) / seconds);
  const beats = perHour(node, bench);
  const mib = (kind: 'ours' | 'peer') => pids[kind].map((pid) => kib(`/proc/${pid}/status`, 'VmRSS') / 1_024);
  const against = 'least wrapper';
  const lines: Line[] = [
    {
      what: `processor time an hour, ${node.name}`,
      against,
      ours: hourly('ours').map((ms) => ms + beats),
      peer: hourly('peer'),
      unit: 'ms',
      goal: { is: 'more', limit: 20 },
    },
    {
      what: `resident memory, ${node.name}`,
      against,
      ours: mib('ours'),
      peer: mib('peer'),
      unit: 'MiB',
      goal: { is: 'times', limit: 1.1 },
    },
    {
      what: 'the watchdog (PSS)',
      against: '',
      ours: [pss],
      peer: [],
      unit: 'MiB',
      goal: { is: 'at most', limit: 1 },
    },
  ];
  for (const pid of [...pids.ours, ...pids.peer]) kill(-pid, 'SIGTERM');
  return lines;
}

/** Starts wrappers of `sleep`, each in a group of its own: the least one leaves its child behind. Gives their pids. */
function start({ path }: Node, script: string, count: number, { box, after }: Bench): number[] {
  return Array.from({ length: count }, () => {
    const options = { cwd: box.cwd, env: box.env, stdio: 'ignore', detached: true } as const;
    const child = spawn(path, [script, 'sleep', '3600'], options);
    after(async () => {
      kill(-(child.pid as number), 'SIGTERM');
      await waitUntil('the wrapper is gone', () => child.exitCode !== null || child.signalCode !== null);
    });
    return child.pid as number;
  });
}

/** Time on a processor, of all its threads. */
const cpuMs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0);

const kib = (file: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
