// Programs of a test's own making, called like well-known ones.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene } from './scene.js';

/** Says `ready PID `, has a child `sleep`, lets go of the wrapper's output and stays. `first` are commands before that. */
export function program({ box }: Scene, name: string, first = ''): string {
  const path = join(box.dir, 'bin', name);
  mkdirSync(join(box.dir, 'bin'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${first}\nsleep 600 >/dev/null 2>&1 &\necho "ready $$ "\n${STAY}\n`, {
    mode: 0o755,
  });
  return path;
}

const STAY = 'exec >/dev/null 2>&1; wait';
