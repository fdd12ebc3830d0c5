// An `rm` in the place of the system's that says when it runs: for what happens while a session is being removed.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { put } from './reaping.js';
import type { Scene } from './scene.js';
import { script, standIns } from './stand-ins.js';
import { waitUntil } from './wait-until.js';

export interface SlowRm {
  /** For the environment of who removes. */
  env: NodeJS.ProcessEnv;
  /** Resolves when one runs. */
  isRunning(): Promise<unknown>;
  /** Lets all of them go on; from then on they are as fast as any. */
  release(): void;
}

/** Runs `first` (shell; the tree is in $tree), then waits until released, or its test is over, and removes. */
export function slowRm({ box }: Scene, first = ':'): SlowRm {
  const [bin, running, block] = ['bin', 'running', 'block'].map((name) => join(box.dir, name)) as [
    string,
    string,
    string,
  ];
  put(block);
  script(
    bin,
    'rm',
    `[ "$1" = --version ] && PATH=/usr/bin:/bin exec rm --version
for tree in "$@"; do :; done
if [ -e '${block}' ]; then ${first}; fi
: > '${running}'
while [ -e '${block}' ]; do sleep 0.05; done
PATH=/usr/bin:/bin exec rm "$@"`,
  );
  return {
    env: standIns(bin).env,
    isRunning: () => waitUntil('rm runs', () => existsSync(running)),
    release: () => rmSync(block, { force: true }),
  };
}
