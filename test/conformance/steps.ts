// The preload `at-step.cjs` in a bin of ours: its steps, where it is to die, or what is to fail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from '../helpers/cli.js';
import { repoRoot } from '../helpers/paths.js';
import type { Scene } from '../helpers/scene.js';

export interface Step {
  /** Number of the call, from 1. */
  at?: number;
  /** Pattern for its text. */
  call?: string;
  error?: string;
  /** From there on each. */
  on?: boolean;
  /** The calls that only look are meant. */
  reads?: boolean;
}

export interface Stepped extends Finished {
  /** What was called, in words that are the same in every run; the last one is where it died. */
  steps: string[];
}

/** Runs a bin under `step` until its own end; who holds its output may live on. */
export async function stepped(
  here: Scene,
  bin: string,
  args: string[],
  step: Step = {},
  more: NodeJS.ProcessEnv = {},
): Promise<Stepped> {
  const log = join(here.box.dir, `steps-${Math.random().toString(36).slice(2)}`);
  const env = {
    ...here.options.env,
    ...more,
    NODE_OPTIONS: `${more['NODE_OPTIONS'] ?? ''} --require ${join(repoRoot, 'test/conformance/at-step.cjs')}`,
    STEP: JSON.stringify({ log, ...step }),
  };
  // Into files: an agent that lives on would keep pipes open.
  const [out, err] = [`${log}.out`, `${log}.err`].map((path) => openSync(path, 'w'));
  const child = spawn(process.execPath, [bin, ...args], {
    ...here.options,
    env,
    stdio: ['ignore', out, err],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  for (const fd of [out, err]) closeSync(fd as number);
  const [text, stdout, stderr] = [log, `${log}.out`, `${log}.err`].map((path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  ) as [string, string, string];
  const steps = text
    .split('\n')
    .filter(Boolean)
    .map((line) => inWords(JSON.parse(line), here));
  return { code, signal, stdout, stderr, steps };
}

/** `renameSync <root>/<id> <root>/.trash/<id>.<claim>` */
const inWords = (text: string, { box }: Scene): string =>
  text
    .replaceAll(box.root, '<root>')
    .replaceAll(`${box.dir}/`, '')
    .replaceAll(/\.\d+-\d+-[a-z0-9]{8}\b/g, '.<claim>')
    .replaceAll(/<root>\/(\.trash\/)?[a-z0-9]{8}(?![a-z0-9])/g, '<root>/$1<id>')
    .replaceAll(/(lease\.json|\.probe)\.\d+/g, '$1.<pid>')
    .replaceAll(/\/proc\/\d+/g, '/proc/<pid>')
    .replaceAll(/Sync\b/g, '');
