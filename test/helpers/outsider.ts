// A process that holds something of a session without belonging to it: its own session, no TMPDIR of ours.
import { type ChildProcess, spawn } from 'node:child_process';
import { nameOf } from './leaving-agent.js';
import { fixture } from './paths.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export type Holding = 'file' | 'cwd' | 'socket';

/** Starts one; resolves with its pid when it holds `path`. It dies with the scene. */
export async function outsider(scene: Scene, what: Holding, path: string): Promise<number> {
  if (what === 'socket') return stranger(scene, process.execPath, [fixture('hold.mjs'), what, path]);
  const pid = await stranger(scene, 'sh', ['-c', HOLDS[what], path]);
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  return pid;
}

const HOLDS = {
  file: 'exec 3>>"$0"; echo ready; exec sleep 600',
  cwd: 'cd "$0" && echo ready; exec sleep 600',
};

/** Any program that says `ready` and stays, started beside the session. */
export async function stranger(scene: Scene, file: string, args: string[]): Promise<number> {
  const child: ChildProcess = spawn(file, args, {
    ...scene.options,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await waitUntil(`${file} ${args.join(' ')} is ready`, () => said.includes('ready'));
  return child.pid as number;
}
