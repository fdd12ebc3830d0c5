// Our bins as the first process of a new pid namespace, with a procfs of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { childrenOf } from './cli.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--propagation', 'private'];
/** Why there is no such namespace, or false. */
export function noPidNamespace(): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const { status, stderr, error } = spawnSync('unshare', [...NAMESPACE, 'true'], { encoding: 'utf8' });
  return status === 0 ? false : `no pid namespace to be had (${stderr || error})`;
}

/** Starts a bin of ours as pid 1. `wrapper` is its pid as seen from here. */
export function asPid1({ options }: Scene, bin: string, args: string[]) {
  const command = [...NAMESPACE, process.execPath, bin, ...args];
  const child = spawn('unshare', command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  const done = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }));
  const says = (text: RegExp) => waitUntil(`${text}; stderr ${said.stderr}`, () => text.test(said.stdout));
  return { said, done, says, wrapper: () => childrenOf(child.pid as number)[0] as number };
}
