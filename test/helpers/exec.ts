// Starts in exec mode: by our TypeScript where there is no plan, else by the plan of an earlier start.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Finished, run } from './cli.js';
import { qwExec } from './paths.js';
import { ourPids } from './processes.js';
import { quoted } from './quoted.js';
import type { Scene } from './scene.js';

export const plansIn = ({ box }: Scene): string => join(box.dir, 's/qw-run/plans');

/** The next start makes a new one. What a killed start left at work may write one at the same time. */
export function forgetPlans(here: Scene): void {
  const dir = plansIn(here);
  for (const name of existsSync(dir) ? readdirSync(dir) : []) rmSync(join(dir, name), { force: true });
}

/** The only plan. */
export function planIn(here: Scene): string {
  const [name = '', ...more] = readdirSync(plansIn(here));
  if (name === '' || more.length > 0) throw new Error(`plans: ${[name, ...more]}`);
  return join(plansIn(here), name);
}

/** A command of one word, so that there can be a plan for it: prints its lease, and runs `script`. */
export function command({ box }: Scene, script = ''): string {
  const path = join(box.dir, 'agent');
  const text = `#!/bin/sh\ncat "$TMPDIR/../lease.json"\n${script}\n`;
  // Written again, it would be another program.
  if (!existsSync(path) || read(path) !== text) writeFileSync(path, text, { mode: 0o755 });
  return path;
}

/** The launcher for a slot, as setup writes it. */
export function launcherIn({ box }: Scene): string {
  const path = join(box.dir, 'launcher');
  const bins = dirname(qwExec);
  const text = read(join(bins, 'qw-launcher.sh')).replace('@BINS@', () => quoted(bins));
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

export interface Started extends Finished {
  lease: Record<string, unknown> & {
    id: string;
    command: string[];
    owner: { pid: number; startTime: number };
  };
  /** By a plan: a shell has the nanoseconds of stat(1). */
  isPlanned: boolean;
  /** What the command printed after its lease. */
  rest: string;
}

export async function startOf(
  { options }: Pick<Scene, 'options'>,
  args: string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const done = await run(qwExec, args, { ...options, env: { ...options.env, ...more } });
  const [first = '', ...rest] = done.stdout.split('\n');
  const lease = first.startsWith('{') ? JSON.parse(first) : {};
  const isPlanned = /\.\d{9}Z$/.test(lease.createdAt);
  return { ...done, lease, isPlanned, rest: rest.join('\n') };
}

export interface Watcher {
  pid: number;
  parent: number;
  args: string[];
}

/** What waits for the death of an agent, what comes after it, and what they started: the first ones name it. */
export function watchersOf(agent: number): Watcher[] {
  const all = ourPids().flatMap(lookAt);
  const found = all.filter(({ args }) => isWatcher(args, agent));
  const below = ({ pid }: Watcher): Watcher[] =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one)]);
  return [...new Set([...found, ...found.flatMap(below)])];
}

const isWatcher = (args: readonly string[], agent: number): boolean =>
  args.some((arg) => /\/qw-(follow\.sh|watchdog\.cjs)$|\/\.probe\.\d+\.0$|^waitpid$/.test(arg)) &&
  args.some((arg) => new RegExp(`(^|[./])${agent}([:.]|$)`).test(arg));

function lookAt(pid: number): Watcher[] {
  try {
    const stat = read(`/proc/${pid}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return [{ pid, parent, args: read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1) }];
  } catch {
    return []; // gone
  }
}

export const read = (path: string): string => readFileSync(path, 'utf8');
