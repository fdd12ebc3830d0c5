// Starts in exec mode: by our TypeScript where there is no plan, else by the plan of an earlier start.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Finished, run } from './cli.js';
import { qwExec } from './paths.js';
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

export const read = (path: string): string => readFileSync(path, 'utf8');
