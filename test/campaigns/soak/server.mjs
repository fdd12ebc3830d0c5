// The server of the soak: a reaper every hour and some seats, on each one session after the other whose agent runs $1 $HOURS $2: by
// openSession and a spawn of its own, by runAgent, and some that last for days. At the end of stdin no further ones. Says as JSON what
// each pass did, and what ended otherwise than removed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSession, runAgent, startReaper } from 'qw-run';

const [agent, results] = process.argv.slice(2);
const say = (told) => console.log(JSON.stringify(told));
let isOver = false;

const reaper = startReaper({
  every: '1h',
  legacy: false,
  onReport: ({ removed, swept, failed }) =>
    say({ pass: { removed: removed.length, swept: swept.length, failed: failed.map((it) => it.reason) } }),
  logger: { info: () => {}, warn: (warning) => say({ warning }) },
});

async function withSpawn(hours) {
  const session = await openSession({ backend: 'claude' });
  const child = spawn(process.execPath, [agent, hours, results], {
    env: session.env(process.env),
    stdio: 'ignore',
  });
  session.adopt(child.pid);
  await once(child, 'exit');
  return session.end();
}

async function withRun(hours) {
  const options = { backend: 'claude', execa: { stdio: 'ignore' } };
  const run = await runAgent(process.execPath, [agent, hours, results], options);
  return (await run.result).end;
}

async function seat(open, from, to) {
  while (!isOver) {
    const { state, id } = await open(String(from + Math.random() * (to - from)));
    say({ ended: state, id });
  }
}

process.stdin.resume().once('end', () => {
  isOver = true;
});
const seats = [
  [withSpawn, 4, 20],
  [withSpawn, 4, 20],
  [withRun, 4, 20],
  [withRun, 4, 20],
  [withSpawn, 90, 120],
  [withRun, 90, 120],
];
say({ ready: process.pid });
await Promise.all(seats.map((it) => seat(...it)));
reaper.stop();
