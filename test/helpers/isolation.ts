// Isolated sessions for tests: whether they can be had here, and who sees their mounts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf, start } from './cli.js';
import { qwRun } from './paths.js';
import { readyPid, type Scene } from './scene.js';
import { script, standIns } from './stand-ins.js';

/** Why no session can be isolated here, or false. */
export function noIsolation(): string | false {
  const { status, stderr, error } = spawnSync('bwrap', ['--dev-bind', '/', '/', 'true'], {
    encoding: 'utf8',
  });
  return status === 0 ? false : `no mount namespace to be had: ${error ?? stderr.trim()}`;
}

/** An environment in which `bwrap` is this shell script: `bin/bwrap`. */
export function withBwrap({ box, options }: Scene, lines: string): NodeJS.ProcessEnv {
  const bin = join(box.dir, 'bin');
  script(bin, 'bwrap', lines);
  return { ...options.env, ...standIns(bin).env };
}

/** A run whose command says `ready $$ `, and who keeps its namespace. */
export async function isolatedRun({ options }: Scene, args: string[]) {
  const running = start(qwRun, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const agent = await readyPid(running.says);
  return { running, agent, ...keepersOf(running.pid) };
}

/** bubblewrap, and the process inside. */
export function keepersOf(owner: number): { bwrap: number; inside: number } {
  const isBwrap = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'bwrap\n';
  const bwrap = childrenOf(owner).find(isBwrap) ?? 0;
  const [inside = 0] = childrenOf(bwrap);
  assert.ok(bwrap > 0 && inside > 0, 'somebody keeps the namespace');
  return { bwrap, inside };
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
