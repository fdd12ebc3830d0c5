// Starts what waits for the death of an agent that is nobody's child of ours (qw-follow.sh), in an
// environment made here: it has nothing of the session's, so it is no member of it.
import type { Writable } from 'node:stream';
import { fs, inDirectory, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, quietly } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { binsDirectory } from '../process/bins.js';
import { cleanEnv, launch } from '../process/exec.js';
import { OWN_NODE, SHELL } from '../process/find-tool.js';
import { findFlock } from '../process/lock.js';
import type { Settings } from '../session/settings.js';

export interface FollowOptions {
  lease: Lease;
  dir: string;
  settings: Settings;
  /** For the receipt: nobody was told. */
  warnings: readonly string[];
  /** What an isolated session's keeper waits at. */
  pipe?: Writable | undefined;
}

export function follow({ lease, dir, settings, warnings, pipe }: FollowOptions): void {
  const { owner, lock = '-' } = lease;
  noteAgent(dir, owner.pid);
  const [script, ...args] = followArgs(owner.bootId) as [string, ...string[]];
  launch(SHELL, [script, ...args, lock, dir, String(owner.pid), String(owner.startTime)], {
    detached: true,
    env: followEnv(settings, warnings),
    stdio: ['ignore', 'ignore', 'ignore', ...(pipe ? [pipe as never] : [])],
  })?.unref();
}

/** The script and its arguments, as far as they are the same for every session. */
export function followArgs(bootId: string): string[] {
  const bins = binsDirectory() ?? '';
  return [
    `${bins}/qw-follow.sh`,
    OWN_NODE,
    `${bins}/qw-watchdog.cjs`,
    `${bins}/qw-watchdog.sh`,
    bootId,
    findFlock() ?? '-',
  ];
}

/** What the end has to know, on top of what every program of ours gets. */
export const followEnv = (
  { graceMs, env }: Pick<Settings, 'graceMs' | 'env'>,
  warnings: readonly string[],
): NodeJS.ProcessEnv => ({
  qw_exec: '1',
  QW_GRACE: `${graceMs}ms`,
  ...(env['QW_REAP'] ? { QW_REAP: env['QW_REAP'] } : {}),
  ...(warnings.length > 0 ? { qw_exec_warnings: warnings.join('|').slice(0, 1_024) } : {}),
});

/** All of it. */
export const wholeFollowEnv = (...of: Parameters<typeof followEnv>): NodeJS.ProcessEnv =>
  cleanEnv(followEnv(...of));

/** pidwait(1) reads a pid from a file. */
function noteAgent(dir: string, pid: number): void {
  quietly(() =>
    inDirectory(dir, (base) => {
      const fd = fs.openSync(`${base}/.probe.${pid}.0`, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      fs.writeSync(fd, `${pid}\n`);
      fs.closeSync(fd);
    }),
  );
}
