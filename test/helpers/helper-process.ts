// The helper process of a server: which it is, and one that hangs where a test wants it to.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { childrenOf } from './cli.js';
import { fixture } from './paths.js';
import { isAlive, kill } from './processes.js';
import { put } from './reaping.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

/** Pids of the helper processes of `server`. */
export const helpersOf = (server: number): number[] =>
  childrenOf(server).filter((pid) => isAlive(pid) && commandOf(pid).includes('qw-helper.cjs'));

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Its one helper, once there is one. */
export const helperOf = (server: number): Promise<number> =>
  waitUntil('it has a helper', () => helpersOf(server)[0]);

export interface HeldHelper {
  env: NodeJS.ProcessEnv;
  /** Of node. */
  flags: string[];
  /** The pid of the helper that hangs. */
  isHeld(): Promise<number>;
  release(): void;
}

/** Any helper of a server with these variables and flags hangs when it reads `dir`. */
export function holdHelpers(t: TestContext, { box }: Scene, dir = box.root): HeldHelper {
  const [held, says] = [put(join(box.dir, 'held')), join(box.dir, 'says')];
  const release = () => rmSync(held, { force: true });
  t.after(release);
  return {
    env: { HOLD_AT: dir, HOLD_WHILE: held, HOLD_SAYS: says },
    flags: ['--require', fixture('hold-helper.cjs')],
    isHeld: async () => {
      const pid = await waitUntil('a helper is held', () => existsSync(says) && readFileSync(says, 'utf8'));
      rmSync(says);
      return Number(pid);
    },
    release,
  };
}

/** Stops a process until it is killed, at the latest after the test. */
export function stop(t: TestContext, pid: number): void {
  kill(pid, 'SIGSTOP');
  t.after(() => kill(pid, 'SIGKILL'));
}
