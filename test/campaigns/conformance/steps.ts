// The preload `at-step.cjs` in a bin of ours: its steps, where it is to die, or what is to fail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from '../../helpers/cli.js';
import { atStep } from '../../helpers/preloads.js';
import type { Scene } from '../../helpers/scene.js';

export interface Step {
  /** Number of the call, from 1; counted from the first that matches `since`. */
  at?: number;
  since?: string;
  /** Pattern for its text. */
  call?: string;
  error?: string;
  /** From there on each. */
  on?: boolean;
  /** The calls that only look are meant. */
  reads?: boolean;
  /** It is stopped there, instead of killed, until somebody continues it. */
  stop?: 'before' | 'after';
}

export interface Stepped extends Finished {
  /** What was called, in words that are the same in every run; the last one is where it died. */
  steps: string[];
}

/** One that runs. */
export interface Stepping {
  pid: number;
  ended: Promise<Stepped>;
}

/** Runs a bin under `step` until its own end; who holds its output may live on. */
export const stepped = (...all: Parameters<typeof startStepped>): Promise<Stepped> =>
  startStepped(...all).ended;

/** Starts it. */
export function startStepped(
  here: Scene,
  bin: string,
  args: string[],
  step: Step = {},
  more: NodeJS.ProcessEnv = {},
): Stepping {
  const log = logOf(here);
  const own = atStep({ log, ...step });
  const env = { ...more, ...own, NODE_OPTIONS: `${more['NODE_OPTIONS'] ?? ''} ${own.NODE_OPTIONS}` };
  const { pid, ended } = startLogged(here, log, { file: process.execPath, args: [bin, ...args], env });
  const steps = () => linesOf(log).map((line) => inWords(JSON.parse(line), here));
  return { pid, ended: ended.then((it) => ({ ...it, steps: steps() })) };
}

export const logOf = ({ box }: Scene): string =>
  join(box.dir, `steps-${Math.random().toString(36).slice(2)}`);

export interface Program {
  file: string;
  args: string[];
  /** On top of the scene's. */
  env?: NodeJS.ProcessEnv;
}

/** Runs it to its end. */
export const untilExit = (...all: Parameters<typeof startLogged>): Promise<Finished> =>
  startLogged(...all).ended;

/** Its output goes into files beside `log`: an agent that lives on would keep pipes open. */
function startLogged(here: Scene, log: string, { file, args, env }: Program) {
  const [out, err] = [`${log}.out`, `${log}.err`].map((path) => openSync(path, 'w'));
  const child = spawn(file, args, {
    ...here.options,
    // What is compiled is kept at some first run: a step more, in a directory that is not the scene's.
    env: { ...here.options.env, NODE_DISABLE_COMPILE_CACHE: '1', ...env },
    stdio: ['ignore', out, err],
  });
  for (const fd of [out, err]) closeSync(fd as number);
  const ended = once(child, 'exit').then(([code, signal]): Finished => {
    const [stdout = '', stderr = ''] = [`${log}.out`, `${log}.err`].map((path) => readFileSync(path, 'utf8'));
    return { code, signal, stdout, stderr };
  });
  return { pid: child.pid as number, ended };
}

export const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

/** `renameSync <root>/<id> <root>/.trash/<id>.<claim>` */
export const inWords = (text: string, { box }: Scene): string =>
  text
    .replaceAll(box.root, '<root>')
    .replaceAll(`${box.dir}/`, '')
    .replaceAll(/\.lock-[\d-]+/g, '.lock-<owner>')
    .replaceAll(/\.\d+-\d+-[a-z0-9]{7}-[a-z0-9]{8}\b/g, '.<claim>')
    .replaceAll(/<root>\/(\.trash\/)?[a-z0-9]{8}(?![a-z0-9])/g, '<root>/$1<id>')
    .replaceAll(/(lease\.json|\.probe)\.\d+/g, '$1.<pid>')
    .replaceAll(/\/proc\/\d+/g, '/proc/<pid>')
    .replaceAll(/\/#\d+ \(deleted\)/g, '/<no name>')
    .replaceAll(/Sync\b/g, '')
    .replace(/^writeFile\b/, 'write');

/** Calls that follow one another with the same words, as a probe's, may stand for one another; numbers from 1. */
export const isFirst = (steps: readonly string[], at: number): boolean => {
  const step = steps[at - 1] ?? '';
  return steps.indexOf(step) === at - 1 || step !== steps[at - 2];
};
