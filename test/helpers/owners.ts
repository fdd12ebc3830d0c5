// Owners of sessions other than qw-run, and the watchdogs of owners.
import { readdirSync, readFileSync } from 'node:fs';
import { type Running, start } from './cli.js';
import { fixture } from './paths.js';
import { isAlive } from './processes.js';
import { readyPid, type Scene } from './scene.js';

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
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const args = argsOf(pid);
      return (
        args.some((arg) => arg.endsWith('qw-watchdog.sh')) && args.some((arg) => arg.startsWith(`${owner}:`))
      );
    })
    .filter(isAlive);

function argsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
