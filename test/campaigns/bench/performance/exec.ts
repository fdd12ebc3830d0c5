// The launcher beside what it could be compared with: nothing at all, a shell that does nothing, the least wrapper in Node, ours
// that stays, and tini; what of us is there while the agent runs; and how long a session outlives its agent.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../../../helpers/cli.js';
import { fixture, qwExec, qwRun } from '../../../helpers/paths.js';
import { kill, marked } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Bench, Row } from './bench.js';
import { interleave } from './interleave.js';
import { duration } from './runs.js';
import type { Line } from './table.js';

const WATCHED_S = 630; // one heartbeat is in it

export const exec: Row = {
  name: 'exec',
  measure: async (bench) => {
    // The receipt comes when the session is gone already.
    const writes = `XDG_STATE_HOME=${bench.box.env['XDG_STATE_HOME']}`;
    bench.after(() => waitUntil('nobody writes any more', () => marked(writes).length === 0));
    return [...(await wholeRuns(bench)), ...(await resident(bench)), ...(await toGone(bench))];
  },
};

async function wholeRuns({ nodes, box, runs }: Bench): Promise<Line[]> {
  const [{ path = process.execPath } = {}] = nodes;
  const env = { ...box.env, QW_REAP: 'off', TMPDIR: box.dir, PATH: `${join(path, '..')}:${box.env['PATH']}` };
  // One at a time: what watched the last one has its own work to do when that has ended.
  const run =
    (file: string, ...args: string[]) =>
    async () => {
      const ms = duration({ file, args, cwd: box.cwd, env });
      await waitUntil('the last session is gone', () => sessionsIn(box.root).length === 0);
      await pause(50);
      return ms;
    };
  const tini = ['/usr/bin/tini', '/sbin/tini'].find((file) => existsSync(file));
  const { ours, nothing, dash, least, attached, tiny } = await interleave(
    {
      ours: run(qwExec, 'true'),
      nothing: run('true'),
      dash: run('/bin/sh', '-c', 'exec true'),
      least: run(path, fixture('least-wrapper.cjs'), 'true'),
      attached: run(path, qwRun, 'true'),
      tiny: tini === undefined ? () => Number.NaN : run(tini, '--', 'true'),
    },
    runs(30),
  );
  const what = '`qw-exec true`';
  const line = (against: string, peer: number[], goal?: { is: 'times' | 'more'; limit: number }): Line => ({
    ...{ what, against, ours, peer, unit: 'ms' },
    goal,
  });
  return [
    line('least wrapper', least, { is: 'times', limit: 0.25 }),
    line('`true`', nothing, { is: 'more', limit: 8 }),
    line('`sh -c "exec true"`', dash),
    line('`qw-run true`', attached),
    tini === undefined ? { what: `${what} against tini`, skipped: 'no tini here' } : line('tini', tiny),
  ];
}

/** All of ours for one agent: who waits for its death, the watchdog, and what they started. */
async function resident({ box, seconds }: Bench): Promise<Line[]> {
  const agent = start(qwExec, ['sleep', '3600'], { cwd: box.cwd, env: box.env });
  try {
    await waitUntil('somebody waits for it', () => oursFor(agent.pid).length >= 3);
    await pause(2_000); // they are still starting
    const pids = oursFor(agent.pid);
    const mib = pids.map((pid) => kib(`/proc/${pid}/smaps_rollup`, 'Pss') / 1_024).reduce(sum, 0);
    const names = pids.map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()).join(', ');
    const before = cpuOf(agent.pid);
    const lasts = seconds(WATCHED_S);
    await pause(lasts * 1_000);
    const used = [...cpuOf(agent.pid)].map(([pid, ms]) => ms - (before.get(pid) ?? 0)).reduce(sum, 0);
    const hourly = (used * 3_600) / lasts;
    const alone = { against: '', peer: [] };
    return [
      {
        what: `resident for one agent (PSS): ${names}`,
        ...alone,
        ours: [mib],
        unit: 'MiB',
        goal: { is: 'at most', limit: 2.5 },
      },
      {
        what: 'processor time an hour of all these',
        ...alone,
        ours: [hourly],
        unit: 'ms',
        goal: { is: 'at most', limit: 20 },
      },
    ];
  } finally {
    kill(agent.pid, 'SIGKILL');
    await agent.done;
  }
}

/** From the death of the agent until nothing of its session is left. */
async function toGone({ box, runs }: Bench): Promise<Line[]> {
  const times: number[] = [];
  for (let run = 0; run < runs(30); run += 1) {
    const script = 'for n in 1 2 3 4 5 6 7 8 9; do echo x >"$TMPDIR/$n"; done; echo ready; exec sleep 600';
    const child = spawn(qwExec, ['sh', '-c', script], {
      cwd: box.cwd,
      env: box.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    await waitUntil('somebody waits for it', () => oursFor(child.pid as number).length >= 3);
    await pause(100); // they are still starting
    const since = performance.now();
    child.kill('SIGKILL');
    await waitUntil('it is gone', () => sessionsIn(box.root).length === 0, { everyMs: 1 });
    times.push(performance.now() - since);
  }
  const what = 'from the death of the agent until its session is gone';
  return [{ what, against: '', ours: times, peer: [], unit: 'ms', goal: { is: 'at most', limit: 150 } }];
}

const sessionsIn = (root: string): string[] =>
  existsSync(root) ? readdirSync(root).filter((name) => /^[a-z0-9]{8}$/.test(name)) : [];

/** Whose arguments name the agent or its session, and their children. */
function oursFor(agent: number): number[] {
  const { stdout } = spawnSync('ps', ['-e', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)?.slice(1) ?? []);
  const named = new RegExp(
    `(qw-(follow|watchdog)\\.sh .*\\b${agent}\\b)|kill -0 ${agent};|\\.probe\\.${agent}\\.0`,
  );
  const ours = all.filter(([, , args = '']) => named.test(args)).map(([pid]) => pid);
  const children = all.filter(([, parent]) => ours.includes(parent)).map(([pid]) => pid);
  return [...new Set([...ours, ...children])].map(Number);
}

/** Of each its own, and of its children that have ended and been waited for, in ms. */
const cpuOf = (agent: number): Map<number, number> =>
  new Map(
    oursFor(agent).map((pid) => {
      try {
        const own = Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
        const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
        const [user = 0, system = 0] = after.split(' ').slice(13, 15).map(Number); // cutime, cstime, proc(5)
        return [pid, own + (user + system) * TICK_MS];
      } catch {
        return [pid, 0]; // gone this moment
      }
    }),
  );
const TICK_MS = 10;

const sum = (one: number, other: number): number => one + other;
const kib = (file: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
