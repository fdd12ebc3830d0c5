// A scene in which /tmp and /var/tmp are new and empty, for what works on the real places and not on a root of the test's
// choice. Only for files that run in private mounts.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { repoRoot } from './paths.js';
import { mount, mountsBelow, unmountBelow } from './private-mounts.js';
import { type Scene, scene } from './scene.js';

export interface EmptyTmp extends Scene {
  /** As `options` of the scene, but nobody named a root: the defaults count. */
  defaults: { cwd: string; env: NodeJS.ProcessEnv };
}

/** `how` are options for the tmpfs on /tmp. */
export function emptyTmp(t: TestContext, how = 'mode=1777'): EmptyTmp {
  // The tests' own namespace: nothing here propagates to where people work.
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), / (shared|master):/);
  for (const [dir, options] of [
    ['/tmp', how],
    ['/var/tmp', 'mode=1777'],
  ] as const)
    replace(dir, options);
  const here = scene(t);
  t.after(() => {
    for (const dir of ['/var/tmp', '/tmp']) unmountBelow(dir);
  });
  const { QW_ROOT: _unset, ...env } = here.options.env;
  return { ...here, defaults: { ...here.options, env } };
}

/** A new tmpfs; the package under test stays visible where it was. */
function replace(dir: string, options: string): void {
  mount('-t', 'tmpfs', '-o', options, 'tmpfs', '/mnt');
  if (repoRoot.startsWith(`${dir}/`)) {
    const place = join('/mnt', repoRoot.slice(dir.length));
    mkdirSync(place, { recursive: true });
    mount('--bind', repoRoot, place);
  }
  mount('--move', '/mnt', dir);
  assert.ok(mountsBelow(dir).length > 0);
}
