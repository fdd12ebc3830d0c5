// Two people on one machine, for tests that run as root: a scene that belongs to one of them, files of the other in it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, lchownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReapReport } from 'qw-run';
import { type Finished, run } from './cli.js';
import { qwRun, qwTmp } from './paths.js';
import { type Shift, shifted } from './reaping.js';
import type { Scene } from './scene.js';

/** Uids without a name; groups of the same number. */
export const USER = 61_017;
export const OTHER = 61_018;

/** Why tests with other users cannot run here, or false. */
export function noUsers(): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const { status, error } = spawnSync(process.execPath, [qwRun, '--version'], {
    uid: USER,
    gid: USER,
    cwd: '/',
  });
  return status === 0 ? false : `another uid cannot run the built package (${error ?? `exit ${status}`})`;
}

export interface UserOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  uid: number;
  gid: number;
}

/** Gives the scene's directories to USER; `options` to start something as that user. */
export function ownedByUser({ box, options }: Scene): UserOptions {
  giveAll(box.dir, USER);
  return { ...options, uid: USER, gid: USER };
}

/** chown -R, links themselves. */
export function giveAll(path: string, uid: number): void {
  lchownSync(path, uid, uid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveAll(join(path, name), uid);
}

export const give = (path: string, uid: number): void => chownSync(path, uid, uid);

export interface ReapedBy extends Finished {
  report: ReapReport;
  ids: string[];
}

/** One pass of the reaper with these options' uid and environment. Never with `--legacy`. */
export async function reapAs(
  options: Partial<UserOptions>,
  args: string[] = [],
  shift: Shift = {},
): Promise<ReapedBy> {
  assert.ok(!args.includes('--legacy'));
  const env = { ...options.env, ...shifted(shift) };
  const finished = await run(qwTmp, ['reap', '--json', ...args], { ...options, env });
  assert.notEqual(finished.stdout, '', finished.stderr);
  const report = JSON.parse(finished.stdout) as ReapReport;
  return { ...finished, report, ids: report.removed.map(({ id }) => id).sort() };
}
