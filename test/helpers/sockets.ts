// A stranger that does with unix sockets what it is told, see fixtures/bind-sockets.py.
import { spawnSync } from 'node:child_process';
import { stranger } from './outsider.js';
import { fixture } from './paths.js';
import type { Scene } from './scene.js';

export const noPython =
  (process.platform !== 'linux' && 'there is no procfs') ||
  (spawnSync('python3', ['-c', '']).status !== 0 && 'there is no python3');

/** Starts it in `/`; resolves with its pid when all steps are done. */
export const bound = (here: Scene, ...steps: string[]): Promise<number> =>
  stranger(here, 'python3', [fixture('bind-sockets.py'), ...steps]);
