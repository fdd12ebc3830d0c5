// What a server's main thread pays when sessions end all at once, on a machine where other processes of its user have very many
// descriptors: `process.exit` with its sessions open, `beginEnd` of all, and how late the event loop is while one session ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { argv } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Session } from 'qw-run';
import { watchdogsOf } from '../../../helpers/owners.js';
import { fixture } from '../../../helpers/paths.js';
import { kill } from '../../../helpers/processes.js';
import type { Bench, Node, Row } from './bench.js';
import { interleave } from './interleave.js';
import { ask } from './runs.js';
import type { Line } from './table.js';

const script = fileURLToPath(import.meta.url);
const HOLDERS = 20;
const DESCRIPTORS = 19_000;
const SESSIONS = 200;
const FEW = 5;

export const exits: Row = {
  name: 'exit',
  measure: async (bench) => {
    const { nodes, size } = bench;
    const [holders, descriptors, sessions] = [size(HOLDERS), size(DESCRIPTORS), size(SESSIONS)];
    const others = `${holders} processes of ${descriptors} descriptors`;
    await holdDescriptors(holders, descriptors, bench);
    const lines: Line[] = [];
    for (const node of nodes) {
      const figures = await measured(node, sessions, bench);
      const line = (what: string, ours: number[], limit: number): Line => ({
        what,
        against: '',
        ours,
        peer: [],
        unit: 'ms',
        goal: { is: 'at most', limit },
      });
      lines.push(
        line(`\`process.exit\`, ${sessions} sessions, ${others}, ${node.name}`, figures.exit, 100),
        line(`\`beginEnd\` of all, one after another`, figures.begin, 100),
        line(`the longest \`beginEnd\`, each in a turn of its own`, figures.beginApart, 10),
        line(`longest delay of the event loop, \`end\` of one`, figures.end, 10),
        line(`the same, \`end\` of ${FEW} at once`, figures.endAll, 10),
      );
    }
    return lines;
  },
};

type Way = 'exit' | 'begin' | 'beginApart' | 'end' | 'endAll';

async function measured(
  { path }: Node,
  sessions: number,
  { box, runs }: Bench,
): Promise<Record<Way, number[]>> {
  const under = (way: Way, count: number) => () => {
    const ms = ask<number>(path, [script, way, `${count}`], box);
    rmSync(box.root, { recursive: true, force: true });
    return ms;
  };
  return interleave(
    {
      exit: under('exit', sessions),
      begin: under('begin', sessions),
      beginApart: under('beginApart', sessions),
      end: under('end', 1),
      endAll: under('endAll', FEW),
    },
    runs(10),
    { isCold: true },
  );
}

/** So many processes with so many descriptors, until the row is done. */
async function holdDescriptors(count: number, descriptors: number, { box, after }: Bench): Promise<void> {
  const env = { PATH: box.env['PATH'] };
  const holders = Array.from({ length: count }, () =>
    spawn('python3', [fixture('hold-descriptors.py'), `${descriptors}`], {
      cwd: '/',
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  for (const holder of holders) after(() => holder.kill('SIGKILL'));
  await Promise.all(holders.map(({ stdout }) => once(stdout, 'data')));
}

/** The server: opens sessions with living agents, and gives ms. */
async function serve(way: Way, count: number): Promise<void> {
  const tell = (ms: number) => writeSync(1, `${JSON.stringify(ms)}\n`);
  let exitedAt = 0;
  const { reallyExit } = process as unknown as { reallyExit(code: number): never };
  // Called last of all; signal-exit keeps the one that it finds when it is loaded.
  Object.assign(process, {
    reallyExit: (code: number) => {
      if (way === 'exit') tell(performance.now() - exitedAt);
      // It would go on for long here, with a look at all those descriptors for each session.
      for (const pid of watchdogsOf(process.pid)) kill(pid, 'SIGKILL');
      reallyExit.call(process, code);
    },
  });
  const { openSession } = await import('qw-run');
  const sessions: Session[] = [];
  for (let at = 0; at < count; at += 1) {
    const session = await openSession({ backend: 'generic' });
    const agent = spawn('sleep', ['600'], { env: session.env(), stdio: 'ignore' });
    session.adopt(agent.pid as number);
    sessions.push(session);
  }
  await pause(200); // the loop at rest
  const since = performance.now();
  if (way === 'begin') {
    for (const session of sessions) session.beginEnd();
    tell(performance.now() - since);
  } else if (way === 'beginApart') tell(await longestOf(sessions));
  else if (way !== 'exit') tell(await delayOf(() => Promise.all(sessions.map((session) => session.end()))));
  exitedAt = performance.now();
  process.exit(0);
}

async function longestOf(sessions: readonly Session[]): Promise<number> {
  let longest = 0;
  for (const session of sessions) {
    const since = performance.now();
    session.beginEnd();
    longest = Math.max(longest, performance.now() - since);
    await pause(1);
  }
  return longest;
}

async function delayOf(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(20);
  delay.reset();
  await work();
  await pause(5);
  delay.disable();
  return delay.max / 1e6 - 1; // it counts its own timer of 1 ms
}

if (argv[1] === script) await serve(argv[2] as Way, Number(argv[3]));
