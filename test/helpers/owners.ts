// Owners of sessions other than qw-run, and the watchdogs of owners.
import { readFileSync } from 'node:fs';
import { type Running, start } from './cli.js';
import { fixture } from './paths.js';
import { isAlive, ourPids } from './processes.js';
import { killed } from './reaping.js';
import { parentOf, readyPid, type Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface Server {
  owner: Running;
  sessions: { id: string; agent: number }[];
  tell(what: 'exit' | 'throw' | 'end'): void;
}

/** A library owner with `count` sessions open, whose agents run `script`. */
export async function server(
  { options }: Pick<Scene, 'options'>,
  count: number,
  script?: string,
): Promise<Server> {
  const args = [`${count}`, ...(script === undefined ? [] : [script])];
  const owner = start(fixture('serve-sessions.mjs'), args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  await readyPid(owner.says);
  const sessions = [...owner.stdout().matchAll(/^session (\S+) (\d+) $/gm)];
  return {
    owner,
    sessions: sessions.map(([, id = '', pid]) => ({ id, agent: Number(pid) })),
    tell: (what) => owner.child.stdin?.write(`${what}\n`),
  };
}

/** Living watchdogs of this owner: their arguments name it. */
export const watchdogsOf = (owner: number): number[] =>
  ourPids()
    .filter((pid) => {
      const args = argsOf(pid);
      return (
        args.some((arg) => arg.endsWith('qw-watchdog.sh')) && args.some((arg) => arg.startsWith(`${owner}:`))
      );
    })
    .filter(isAlive);

/** The one watchdog of an owner, after the forks of its start. */
export const watchdogOf = (owner: number): Promise<number> =>
  waitUntil('one watchdog, that has lost its parent', () => {
    const all = watchdogsOf(owner);
    return all.length === 1 && all[0] && isApart(all[0], owner) ? all[0] : undefined;
  });

function isApart(pid: number, owner: number): boolean {
  try {
    return !ancestors(pid).includes(owner);
  } catch {
    return false; // a parent has just gone
  }
}

/** Parents of a process, the nearest first, init left out. */
export function ancestors(pid: number): number[] {
  const parent = parentOf(pid);
  return parent > 1 ? [parent, ...ancestors(parent)] : [];
}

/** SIGKILLs it, not before it has its last pid: who looks while it forks sees neither. */
export const killWatchdog = async (owner: number): Promise<void> => killed(await watchdogOf(owner));

function argsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
