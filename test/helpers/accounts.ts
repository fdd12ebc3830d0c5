// A person of the test's own in the passwd file that its mount namespace sees: USER has a name, a home, a shell and no password. Only for
// files that run in private mounts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { daemonScene } from './belongs.js';
import { mount, unmountBelow } from './private-mounts.js';
import { put } from './reaping.js';
import type { Scene } from './scene.js';
import { ownedByUser, USER, type UserOptions } from './users.js';

export const NAME = 'qwone';

/** A scene beside which there is that person. */
export function accountScene(t: TestContext): Scene {
  t.after(() => unmountBelow('/etc/passwd'));
  const here = daemonScene(t);
  const line = `${NAME}:*:${USER}:${USER}::${here.box.dir}/home:/bin/sh\n`;
  covers(here, '/etc/passwd', readFileSync('/etc/passwd', 'utf8') + line);
  return here;
}

/** Gives the scene to them; `options` start something as them. */
export function theirs(here: Scene): Scene & { options: UserOptions } {
  const options = ownedByUser(here);
  return { ...here, options: { ...options, env: { ...options.env, USER: NAME, LOGNAME: NAME } } };
}

/** Here the file at `path` is another one, of root's. */
export const covers = ({ box }: Scene, path: string, text: string): void =>
  mount('--bind', put(join(box.dir, path.replaceAll('/', '-')), text), path);
