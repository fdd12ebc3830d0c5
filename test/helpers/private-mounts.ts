// Runs a test file once more inside a mount namespace of its own, so that no mount of a test, not even of one that
// dies, is ever seen outside. What is mounted inside a scene goes before the scene's directory is deleted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Scene, scene } from './scene.js';

/** A command, put before another, that runs it in a mount namespace of its own. */
export const OWN_MOUNTS: readonly string[] = ['unshare', '--mount', '--propagation', 'private'];
const [UNSHARE = '', ...OPTIONS] = OWN_MOUNTS;

/** To be called before any test, with the file's own URL. Gives `false` inside the namespace, or why there is none. */
export function inPrivateMounts(url: string): string | false {
  const [, , outer] = process.argv;
  if (outer !== undefined) {
    assert.notEqual(readlinkSync('/proc/self/ns/mnt'), outer);
    return false;
  }
  if (process.getuid?.() !== 0) return 'needs root';
  const probe = spawnSync(UNSHARE, [...OPTIONS, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  });
  if (probe.status !== 0) return `no mount in a namespace to be had (${probe.stderr || probe.error})`;
  const again = [...process.execArgv, fileURLToPath(url), readlinkSync('/proc/self/ns/mnt')];
  // The same environment and stdio: what the tests inside report reaches the runner.
  const { status } = spawnSync(UNSHARE, [...OPTIONS, process.execPath, ...again], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

/** A scene whose mounts are taken away before it is. */
export function mountScene(t: TestContext): Scene {
  let here: Scene | undefined;
  t.after(() => here && unmountBelow(here.box.dir));
  here = scene(t);
  return here;
}

/** Mounts; fails with what mount(8) said. */
export const mount = (...args: string[]): void => tool('mount', args);

/** Mounts of this namespace at or below `dir`, outer ones first. */
export const mountsBelow = (dir: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((point) => point === dir || point.startsWith(`${dir}/`));

/** Takes away every mount at or below `dir`, lazily: somebody may still have a file open there. */
export function unmountBelow(dir: string): void {
  for (const point of mountsBelow(dir).reverse()) tool('umount', ['--lazy', point]);
}

function tool(file: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${file} ${args.join(' ')}: ${stderr || error}`);
}
