// An `rm` that is found first in PATH and says when it runs: for what happens while a session is being removed.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { put } from './reaping.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface SlowRm {
  /** For the environment of who removes. */
  PATH: string;
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
  const script = `#!/bin/sh
for tree in "$@"; do :; done
if [ -e '${block}' ]; then ${first}; fi
: > '${running}'
while [ -e '${block}' ]; do sleep 0.05; done
PATH=/usr/bin:/bin exec rm "$@"
`;
  chmodSync(put(join(bin, 'rm'), script), 0o755);
  return {
    PATH: [bin, process.env['PATH']].join(delimiter),
    isRunning: () => waitUntil('rm runs', () => existsSync(running)),
    release: () => rmSync(block, { force: true }),
  };
}
