// BSD locks as anybody on the machine sees them, and the names of ours.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { identityOf, realm } from './reaping.js';
import type { Sandbox } from './sandbox.js';
import { waitUntil } from './wait-until.js';

export const noFlock = (): string | false => !existsSync('/usr/bin/flock') && 'no flock here';

/** What a living owner's watchdog locks in each root. */
export function lockOf(owner: number): string {
  const { pid, startTime } = identityOf(owner);
  return `.lock-${pid}-${startTime}-${realm().pidNamespace}`;
}

/** Somebody has `path` locked: a `shared` lock only keeps others from an exclusive one. */
export function heldBy(path: string): 'nobody' | 'shared' | 'exclusive' {
  const isHad = (how: string) => {
    const { status, stderr } = spawnSync('flock', ['-n', how, path, 'true'], { encoding: 'utf8' });
    if (status !== 0 && status !== 1) throw new Error(`flock ${how} ${path}: ${stderr}`);
    return status === 0;
  };
  return isHad('-x') ? 'nobody' : isHad('-s') ? 'shared' : 'exclusive';
}

/** Where the descriptors of a process lead, standard streams left out, and those that it closes meanwhile. */
export const openIn = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => Number(fd) > 2)
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });

/** Once the watchdog of its only owner has locked both: the root comes last. To look takes the lock for a moment, so seldom. */
export const rootLocked = ({ root }: Pick<Sandbox, 'root'>): Promise<boolean> =>
  waitUntil('the root is locked', () => existsSync(root) && heldBy(root) === 'shared', SELDOM);
export const SELDOM = { everyMs: 250 };
