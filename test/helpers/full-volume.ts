// Small and full file systems for tests as root: what a plain command gets there, and what the user of qw-run reads.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { run } from './cli.js';
import { qwRun } from './paths.js';
import { mount, mountScene } from './private-mounts.js';
import type { Scene } from './scene.js';

/** A directory of `megabytes` on a tmpfs of its own, the root of the scene one level below. */
export function small(
  t: TestContext,
  megabytes: number,
  more = '',
): { here: Scene; dir: string; root: string } {
  const here = mountScene(t);
  const dir = join(here.box.dir, 'm');
  tmpfs(dir, `size=${megabytes}m${more}`);
  const root = join(dir, 'r');
  here.options.env['QW_ROOT'] = root;
  return { here, dir, root };
}

export const tmpfs = (dir: string, limits: string) => {
  mkdirSync(dir);
  mount('-t', 'tmpfs', '-o', `mode=755,${limits}`, 'tmpfs', dir);
};

/** Before: what a plain command of an agent gets there. */
export function plainly(dir: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sh', ['-c', 'echo x > "$1/file" && mktemp -p "$1"', 'sh', dir], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  rmSync(join(dir, 'file'), { force: true });
  return { status, stderr };
}

/** With us: what the user reads. */
export async function refused({ options }: Scene, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...options.env, ...ON, ...more };
  const { code, stdout, stderr } = await run(qwRun, ['echo', 'ran'], { ...options, env });
  assert.deepEqual([code, stdout], [125, '']);
  assert.match(stderr, /^qw-run: no session can be opened: on [^\n]+\n$/);
  return stderr;
}

export const big = (path: string, megabytes: number) =>
  writeFileSync(path, Buffer.alloc(megabytes * 1024 * 1024, 1));
export const ON = { QW_REAP: '' };
export const FILL = 'head -c 9000000 /dev/zero > "$TMPDIR/big" 2>/dev/null';
export const leftIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/^\.(qw-root$|trash$|reaped$|lock-)/.test(name),
  );
