// A new pid namespace with a procfs of its own: our bins as its first process, or a test file run once more in it, where
// it may say which pid comes next.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childrenOf } from './cli.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--propagation', 'private'];
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

/** To be called before any test, with the file's own URL. Gives `false` inside the namespace, or why there is none. */
export function inPidNamespace(url: string): string | false {
  const [, , outer] = process.argv;
  if (outer !== undefined) {
    assert.notEqual(readlinkSync('/proc/self/ns/pid'), outer);
    return false;
  }
  const reason = noPidNamespace();
  if (reason) return reason;
  const again = [...process.execArgv, fileURLToPath(url), readlinkSync('/proc/self/ns/pid')];
  // The first process there is a shell: it waits for whoever has lost its parent. Same environment and stdio as here.
  const command = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, ...again];
  const { status } = spawnSync('unshare', [...NAMESPACE, ...command], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
