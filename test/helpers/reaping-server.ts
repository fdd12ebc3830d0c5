// A server that has the library in it, as a user would write it: an ES module given as text, `qw-run` imported by name.
// It may only start reapers that leave the system's temp directory alone.
import assert from 'node:assert/strict';
import { type Running, start } from './cli.js';
import { repoRoot } from './paths.js';
import type { Scene } from './scene.js';

/** Runs `script`. In it: `reaper(options)`, also of a function, which starts one with `legacy: false`, and `say(...words)`, a line on stdout. */
export function server(
  here: Scene,
  script: string,
  env: NodeJS.ProcessEnv = {},
  /** Of node. */
  flags: string[] = [],
): Running {
  assert.doesNotMatch(script, /legacy/);
  const prelude = `import * as qw from 'qw-run';
    const reaper = (options) => qw.startReaper(
      typeof options === 'function' ? () => ({ ...options(), legacy: false }) : { ...options, legacy: false });
    const say = (...words) => console.log(...words);
    const ids = ({ removed }) => removed.map(({ id }) => id).sort().join(',');
    `;
  return start('--input-type=module', [...flags, '-e', prelude + script], {
    cwd: repoRoot,
    env: { ...here.options.env, ...env },
  });
}

/** Lines that begin with `word`, as far as they are whole. */
export const linesOf = ({ stdout }: Running, word: string): string[] =>
  stdout()
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith(word));
