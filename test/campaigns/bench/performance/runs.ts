// One run of a program from outside: how long it took, and what a child of it said about the time.
import { spawnSync } from 'node:child_process';

export interface Program {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** ms from before its exec until it was waited for. */
export function duration({ file, args, ...options }: Program): number {
  const since = performance.now();
  const { status, signal, error } = spawnSync(file, args, { ...options, stdio: 'ignore' });
  const ms = performance.now() - since;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error ?? signal ?? status}`);
  return ms;
}

/** The command whose last word is the time. */
export const CLOCK = ['date', '+%s%N'];

export interface Story {
  /** ms from before the exec of the wrapper until its child told the time. */
  toChild: number;
  /** ms from then until the wrapper was waited for. */
  fromChild: number;
}

/** Runs a wrapper whose child prints the time at last, by CLOCK. */
export function story({ file, args, ...options }: Program): Story {
  const now = calibrated();
  const since = now();
  const { status, stdout, stderr } = spawnSync(file, args, { ...options, encoding: 'utf8' });
  const until = now();
  const childAt = Number(stdout) / 1e6;
  if (status !== 0 || !(childAt > 0))
    throw new Error(`${file} ${args.join(' ')}: ${status} ${stdout} ${stderr}`);
  return { toChild: childAt - since, fromChild: until - childAt };
}

/** The wall clock in ms with its fractions, which Date.now() does not tell: from a tick of it on. */
function calibrated(): () => number {
  const before = Date.now();
  let tick = before;
  while (tick === before) tick = Date.now();
  const offset = tick - performance.now();
  return () => offset + performance.now();
}

/** Runs a script that prints one line of JSON. */
export function ask<T>(node: string, args: readonly string[], { cwd, env }: Pick<Program, 'cwd' | 'env'>): T {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${status} ${stderr}`);
  return JSON.parse(stdout) as T;
}
