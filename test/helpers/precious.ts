// Something precious outside a session, mounted into it by the agent: what removes sessions must neither touch it nor
// take the session away before it is unmounted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { mountsBelow, unmountBelow } from './private-mounts.js';
import { picture, put, reapOnce } from './reaping.js';
import type { Scene } from './scene.js';

/** For an agent's shell. */
export const BIND = 'mkdir "$TMPDIR/m"; mount --bind "$SOURCE" "$TMPDIR/m"';

/** Something of the user's, outside; `SOURCE` for the agents. */
export function source({ box, options }: Scene): string {
  const dir = join(box.dir, 'source');
  put(join(dir, 'project/.git/config'), 'precious');
  put(join(dir, 'notes'), 'precious');
  options.env['SOURCE'] = dir;
  return dir;
}

/** Where it is mounted on the session directory itself, the lease is rewritten there. */
export const untouched = (dir: string): string[] =>
  picture(dir).filter((line) => !line.startsWith('lease.json '));

/** Reaps in vain, unmounts, reaps: for a session without watchdog. */
export async function goesOnceUnmounted(here: Scene, id: string): Promise<void> {
  const dir = join(here.box.root, id);
  const before = picture(dir);
  const points = mountsBelow(here.box.dir);
  assert.notEqual(points.length, 0);
  const { code, report } = await reapOnce(here);
  assert.equal(code, 1);
  assert.deepEqual(report.removed, []);
  assert.deepEqual(
    report.failed.map(({ path }) => path),
    points,
  );
  for (const { reason, hint } of report.failed) {
    assert.match(reason, /mounted/);
    assert.match(hint, /^umount /);
  }
  assert.deepEqual(picture(dir), before);
  unmountBelow(here.box.dir);
  const last = await reapOnce(here);
  assert.deepEqual(last.ids, [id], last.stdout);
  here.nothingLeft();
}
