// Programs that no session started: some under names of the list, some that come to work in a living session's TMPDIR.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fixture } from '../../helpers/paths.js';
import { isAlive } from '../../helpers/processes.js';
import type { Scene } from '../../helpers/scene.js';
import type { Company } from './company.js';
import type { Kind } from './kinds.js';

/** Starts one that announces itself; `tmpdir` may be gone before it is there. */
export function spawnStranger({ options, box }: Scene, { file }: Company, kind: Kind, tmpdir?: string): void {
  const path = tmpdir ?? join(box.dir, 'nobodys', 'tmp');
  const stdio = ['ignore', 'ignore', 'ignore'] as const;
  spawn('python3', ['-IS', fixture('storm-role.py'), file, kind, path], {
    ...options,
    cwd: '/',
    detached: true,
    stdio: [...stdio],
  });
}

/** The TMPDIR of some living agent. */
export function someTmpdir({ box }: Scene, { agents }: Company, random: () => number): string | undefined {
  const living = [...agents].filter(([, { pid }]) => isAlive(pid));
  const [session] = living[Math.floor(random() * living.length)] ?? [];
  return session && join(box.root, session, 'tmp');
}
