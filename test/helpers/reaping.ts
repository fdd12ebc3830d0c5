// What tests of the reaper share: sessions whose owner died, forged ones, one pass with a clock of our own, and a picture
// of a directory to compare.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { ReapReport } from 'qw-run';
import { type Finished, type Running, run, start } from './cli.js';
import { makeRoot } from './make-root.js';
import { fixture, qwRun, qwTmp } from './paths.js';
import { isAlive, kill } from './processes.js';
import { preload } from './quoted.js';
import type { Sandbox } from './sandbox.js';
import { readyPid, type Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export const HOUR = 3_600_000;

/** Time passes (clock and uptime), or the clock alone is set. */
export interface Shift {
  laterMs?: number;
  jumpMs?: number;
}

/** Variables under which a node program lives in another time. */
export const shifted = ({ laterMs = 0, jumpMs = 0 }: Shift): NodeJS.ProcessEnv => ({
  ...preload(fixture('shift-clock.cjs')),
  LATER_MS: String(laterMs),
  JUMP_MS: String(jumpMs),
});

/** One pass of `qw-tmp reap --json`. Never with `--legacy`: /tmp belongs to others too. */
export async function reapOnce(scene: Scene, args: string[] = [], shift: Shift = {}): Promise<Reaped> {
  assert.ok(!args.includes('--legacy'));
  const { env, cwd } = scene.options;
  const finished = await run(qwTmp, ['reap', '--json', ...args], { cwd, env: { ...env, ...shifted(shift) } });
  assert.notEqual(finished.stdout, '', finished.stderr);
  const report = JSON.parse(finished.stdout) as ReapReport;
  return { ...finished, report, ids: report.removed.map(({ id }) => id).sort() };
}

export interface Reaped extends Finished {
  report: ReapReport;
  /** Ids removed. */
  ids: string[];
}

export interface OpenSession {
  wrapper: Running;
  agent: number;
  id: string;
  tmpdir: string;
}

/** A session whose agent is a shell running `script`, which has to say `ready $$ `. */
export async function openWith(
  scene: Scene,
  flags: string[],
  script: string,
  { isNamed = true } = {},
): Promise<OpenSession> {
  const before = ids(scene.box);
  const wrapper = start(qwRun, [...flags, '--', 'sh', '-c', script], scene.options);
  const agent = await readyPid(wrapper.says);
  const id = ids(scene.box).find((name) => !before.includes(name));
  assert.ok(id, 'a session is there');
  // The agent may speak before its name is in the lease.
  if (isNamed)
    await waitUntil('the lease names the agent', () =>
      readFileSync(join(scene.box.root, id, 'lease.json'), 'utf8').includes('"agent"'),
    );
  return { wrapper, agent, id, tmpdir: join(scene.box.root, id, 'tmp') };
}

/** The same without a watchdog, its wrapper SIGKILLed: what only the reaper finds. */
export async function openOwnerless(scene: Scene, script: string): Promise<OpenSession> {
  const session = await openWith(scene, ['--no-watchdog'], script);
  // Not `done`: the agent still has the wrapper's stdout open.
  await killed(session.wrapper.pid);
  return session;
}

/** SIGKILLs a process of this test and waits until it is gone. */
export async function killed(pid: number): Promise<void> {
  kill(pid, 'SIGKILL');
  await waitUntil(`${pid} is gone`, () => !isAlive(pid));
}

/** Names under the root that look like sessions. */
export function ids({ root }: Sandbox): string[] {
  try {
    return readdirSync(root).filter((name) => /^[a-z0-9]{8}$/.test(name));
  } catch {
    return [];
  }
}

/** Who a process of this machine is, as a lease says it. */
export function identityOf(pid: number): { pid: number; startTime: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return { pid, startTime: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) };
}

/** This machine and boot, as a lease says it. */
export const realm = () => ({
  bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  pidNamespace: /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '',
  ...timeNamespace(),
  host: hostname(),
});

const timeNamespace = () =>
  existsSync('/proc/self/ns/time')
    ? { timeNamespace: /\d+/.exec(readlinkSync('/proc/self/ns/time'))?.[0] }
    : {};

/** The owner of a forged lease: a process of this boot that is dead. */
export const deadOwner = () => ({
  pid: spawnSync('true').pid,
  startTime: 1,
  ...realm(),
  uid: process.getuid?.() ?? 0,
});

/** A well-formed lease. */
export const leaseOf = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  version: 1,
  id,
  backend: 'generic',
  command: ['sh'],
  cwd: '/',
  createdAt: new Date().toISOString(),
  owner: deadOwner(),
  ...more,
});

export interface Forged {
  dir: string;
  tmpdir: string;
}

/** A session directory that nobody opened. `lease`: its text or content; none when left out. Names of files end as said. */
export function forge(
  { root }: Pick<Sandbox, 'root'>,
  id: string,
  { lease, files = ['some/file'] }: { lease?: string | Record<string, unknown>; files?: string[] } = {},
): Forged {
  makeRoot(root);
  const dir = join(root, id);
  const tmpdir = join(dir, 'tmp');
  mkdirSync(tmpdir, { recursive: true, mode: 0o700 });
  if (lease !== undefined)
    writeFileSync(join(dir, 'lease.json'), typeof lease === 'string' ? lease : JSON.stringify(lease), {
      mode: 0o600,
    });
  for (const file of files) put(join(tmpdir, file));
  return { dir, tmpdir };
}

/** A file and the directories above it. */
export function put(path: string, content = 'content'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Makes `file` too large to be removed without `rm`. */
export const leaveToRm = ({ tmpdir }: Forged, file = 'large'): string =>
  put(join(tmpdir, file), 'x'.repeat(2 ** 21));

/** Every path below `dir` with what a change would change: type, mode, size, inode, mtime, ctime; content of files. */
export const picture = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(dir, name);
      const { mode, size, ino, mtimeMs, ctimeMs } = lstatSync(path);
      return `${name} ${mode.toString(8)} ${size} ${ino} ${mtimeMs} ${ctimeMs}`;
    });
