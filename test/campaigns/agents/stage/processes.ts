// What runs in this pid namespace beside its first process and ourselves.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isAlive } from '../../../helpers/processes.js';
import { BACKGROUND } from '../scenarios.js';

export interface Seen {
  pid: number;
  /** As the table calls it. */
  name: string;
}

/** All others that live. */
export const others = (): Seen[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== 1 && pid !== process.pid && isAlive(pid))
    .map((pid) => ({ pid, name: nameOf(pid) }));

/** What qw-run's watchdog is called, and what it waits with. */
export const WATCHDOG = 'watchdog';
/** What it is called while it looks after its sessions. */
export const LOOK = 'watchdog that looks';

function nameOf(pid: number): string {
  const args = argumentsOf(pid);
  const line = args.join(' ');
  const background = Object.entries(BACKGROUND).find(([, command]) => command === line);
  if (background) return background[0];
  if (args.some((arg) => arg.endsWith('qw-watchdog.cjs')) && !isShell(args)) return LOOK;
  if (isWatching(pid)) return WATCHDOG;
  const name = basename(args[0] ?? '');
  return name === 'node' ? basename(args.slice(1).find((arg) => !arg.startsWith('-')) ?? name) : name;
}

/** A shell of ours, what it waits with, and what that started. */
const isWatching = (pid: number): boolean =>
  pid > 1 && (isShell(argumentsOf(pid)) || isWatching(parentOf(pid)));

const SHELLS = ['qw-watchdog.sh', 'qw-follow.sh', 'lease.json', '/.probe.'];
/** Ours, or one that knows a lease. */
const isShell = (args: readonly string[]): boolean =>
  args.some((arg) => SHELLS.some((name) => arg.includes(name)) || arg.endsWith('qw-prep.sh'));

const argumentsOf = (pid: number): string[] =>
  (read(`/proc/${pid}/cmdline`) ?? '').split('\0').filter(Boolean);

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]);

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone
  }
}
