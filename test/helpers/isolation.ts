// Isolated sessions for tests: whether they can be had here, and who sees their mounts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Scene } from './scene.js';

/** Why no session can be isolated here, or false. */
export function noIsolation(): string | false {
  const { status, stderr, error } = spawnSync('bwrap', ['--dev-bind', '/', '/', 'true'], {
    encoding: 'utf8',
  });
  return status === 0 ? false : `no mount namespace to be had: ${error ?? stderr.trim()}`;
}

/** An environment whose first `bwrap` in PATH is this shell script. */
export function withBwrap({ box, options }: Scene, script: string): NodeJS.ProcessEnv {
  const bin = join(box.dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'bwrap'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...options.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
}

/** Pids of processes whose mount table names `path`. */
export const seers = (path: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => tableOf(pid).includes(path))
    .map(Number);

function tableOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  } catch {
    return ''; // gone, or not ours
  }
}
