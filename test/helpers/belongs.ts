// What the tests of who belongs to a session share: programs that stay behind as daemons, another terminal beside the session, and
// who is named at its end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Running } from './cli.js';
import { listed } from './listed.js';
import { kill } from './processes.js';
import { type Scene, scene } from './scene.js';
import { waitUntil } from './wait-until.js';

/** Why a test that needs these programs is skipped, or false. In CI they are there. */
export function missing(...commands: string[]): string | false {
  const isMissing = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0;
  const gone = commands.filter(isMissing);
  return gone.length > 0 && `not installed: ${gone.join(', ')}`;
}

/** A scene whose daemons go before its directory does, those that are started anew meanwhile included. */
export function daemonScene(t: TestContext): Scene {
  let here: Scene | undefined;
  t.after(() => waitUntil('no daemon of the test is left', () => !here || endAll(here)));
  here = scene(t);
  return here;
}

function endAll(here: Scene): boolean {
  const left = here.processes();
  for (const pid of left) kill(pid, 'SIGKILL');
  return left.length === 0;
}

/** Runs a command as in another terminal of the same person: no session, the same HOME. Gives what it prints. */
export function beside({ options }: Scene, file: string, args: string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync('setsid', ['--wait', file, ...args], {
    ...options,
    input,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${file} ${args.join(' ')}: ${stdout}${stderr}${error ?? ''}`);
  return stdout;
}

/** TMPDIR of a session. */
export const tmpOf = ({ box }: Scene, id: string): string => join(box.root, id, 'tmp');

/** The number that somebody in the session announced as `NAME=NUMBER `. */
export async function said(wrapper: Running, name: string): Promise<number> {
  const pattern = new RegExp(`\\b${name}=(\\d+)\\s`);
  return Number(pattern.exec(await wrapper.says(pattern))?.[1]);
}

/** The arguments of a process, joined by spaces; nothing when it is gone. */
export function argsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Processes of the scene whose arguments look like this, once there are any. */
export const likeThis = (here: Scene, pattern: RegExp): Promise<number[]> =>
  waitUntil(`somebody looks like ${pattern}`, () => {
    const found = here.processes().filter((pid) => pattern.test(argsOf(pid)));
    return found.length > 0 ? found : null;
  });

/** Fails unless a line of ours names this process. */
export function named(stderr: string, pid: number): void {
  const ours = stderr.split('\n').filter((line) => line.startsWith('qw-run: '));
  const pattern = new RegExp(`\\b${pid}\\b`);
  assert.ok(
    ours.some((line) => pattern.test(line)),
    `${pid} (${argsOf(pid)}) is not named: ${JSON.stringify(stderr)}`,
  );
}

export interface Holder {
  pid: number;
  name: string;
  why: string;
  evidence?: string;
}

/** Fails unless `qw-tmp list` says that the session is held, by this process among others. */
export async function heldBy(here: Scene, id: string, pid: number): Promise<Holder> {
  const session = (await listed(here)).find((one) => one.id === id);
  assert.equal(session?.state, 'held');
  const holder = session.holders.find((one) => one.pid === pid) as Holder | undefined;
  assert.ok(holder, `${pid} is not among ${JSON.stringify(session.holders)}`);
  return holder;
}
