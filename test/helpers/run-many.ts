// Runs many command lines of our bins in one process: of those that are refused, or only print, each start of Node
// would be most of the time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Finished } from './cli.js';
import { fixture } from './paths.js';
import type { Scene } from './scene.js';

export interface Line {
  bin: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** What became of each. */
export function runMany({ options }: Pick<Scene, 'options'>, lines: readonly Line[]): Finished[] {
  const input = lines.map(({ bin, args, env = {} }) => [bin.replace(/\.cjs$/, '-main.cjs'), args, env]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [fixture('run-many.cjs')], {
    ...options,
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  assert.deepEqual([status, stderr], [0, '']);
  return JSON.parse(stdout);
}
