// How long it takes to end sessions whose agents ignore SIGTERM, by whoever ends what an owner left: npm run
// bench:deaf The grace period is 5 s. Each agent's owner was SIGKILLed, and but for the watchdog's row so was
// its watchdog.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reap, startReaper } from 'qw-run';
import { run } from '../../helpers/cli.js';
import { server, watchdogsOf } from '../../helpers/owners.js';
import { qwTmp } from '../../helpers/paths.js';
import { isAlive, kill, marked } from '../../helpers/processes.js';
import { waitUntil } from '../../helpers/wait-until.js';

const DEAF = `sh -c 'trap "" TERM; exec sleep 600'`;
const SIGTERM_BIT = 1n << 14n;
const SOON = { timeoutMs: 90_000, everyMs: 10 };

const sessionsIn = (root: string): string[] =>
  existsSync(root) ? readdirSync(root).filter((name) => /^[a-z0-9]{8}$/.test(name)) : [];

interface Left {
  root: string;
  env: NodeJS.ProcessEnv;
  ids: string[];
  agents: number[];
}
type Ender = (left: Left) => Promise<unknown>;

const byReaper: Ender = ({ root, env }) =>
  new Promise((resolve) => {
    const stay = setInterval(() => {}, 1_000); // a reaper alone keeps no process alive
    const onReport = () => resolve([reaper.stop(), clearInterval(stay)]);
    const reaper = startReaper({ root, env, orphans: 'end', legacy: false, onReport });
  });
const byWatchdog: Ender = async ({ root, agents }) => {
  for (const agent of agents) kill(agent, 'SIGKILL');
  await waitUntil('all sessions are gone', () => sessionsIn(root).length === 0, SOON);
};
const ENDERS: [name: string, end: Ender][] = [
  ['reap --orphans end', ({ env }) => run(qwTmp, ['reap', '--orphans', 'end'], { cwd: '/', env })],
  ['reap({ orphans: "end" })', ({ root, env }) => reap({ root, env, orphans: 'end' })],
  ['startReaper({ orphans: "end" })', byReaper],
  ['rm --force', ({ env, ids }) => run(qwTmp, ['rm', '--force', ...ids], { cwd: '/', env })],
  ['the watchdog', byWatchdog],
];

const counts = process.argv.slice(2).map(Number);
const COUNTS = counts.length > 0 ? counts : [1, 4, 8];
console.log(`| ended by | ${COUNTS.map((count) => `${count} deaf, s`).join(' | ')} |`);
console.log(`|---|${COUNTS.map(() => '---|').join('')}`);
for (const [name, end] of ENDERS) {
  const cells: string[] = [];
  for (const count of COUNTS) cells.push(await once(count, end));
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}

/** Seconds until nothing of `count` sessions is left. */
async function once(count: number, end: Ender): Promise<string> {
  const dir = mkdtempSync('/tmp/q-');
  const root = join(dir, 'r');
  const env = { ...process.env, QW_ROOT: root, XDG_STATE_HOME: join(dir, 's'), QW_REAP: 'off' };
  const isWatched = end === byWatchdog;
  const script = isWatched ? `setsid ${DEAF} & exec sleep 600` : `exec ${DEAF}`;
  const { owner, sessions } = await server({ options: { cwd: dir, env } }, count, script);
  const sleepers = await waitUntil('all are deaf', () => deafIn(root, count), SOON);
  if (!isWatched) for (const pid of watchdogsOf(owner.pid)) kill(pid, 'SIGKILL');
  kill(owner.pid, 'SIGKILL');
  await waitUntil('the server is gone', () => !isAlive(owner.pid));
  const left = { root, env, ids: sessions.map(({ id }) => id), agents: sessions.map(({ agent }) => agent) };
  const before = performance.now();
  await end(left);
  const ms = performance.now() - before;
  const isOver = sessionsIn(root).length === 0 && !sleepers.some(isAlive);
  for (const pid of [...sleepers, ...left.agents]) if (isAlive(pid)) kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
  return isOver ? (ms / 1_000).toFixed(1) : `${(ms / 1_000).toFixed(1)}, something is left`;
}

/** The sleepers of all sessions, once they ignore SIGTERM. */
function deafIn(root: string, count: number): number[] | undefined {
  const ids = sessionsIn(root);
  const all = ids.flatMap((id) => marked(`QW_SESSION=${id}`)).filter(isDeaf);
  return all.length === count ? all : undefined;
}

function isDeaf(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const ignored = BigInt(`0x${/^SigIgn:\s+(\S+)/m.exec(status)?.[1]}`);
    return status.startsWith('Name:\tsleep\n') && (ignored & SIGTERM_BIT) !== 0n;
  } catch {
    return false;
  }
}
