// qw-tmp roots: what is looked through for sessions; a directory is forgotten only where nothing would be lost by that.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, leaseOf, picture } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const noted = ({ box }: Scene) => readFileSync(join(box.dir, 's/qw-run/roots'), 'utf8');
const roots = (here: Scene, ...args: string[]) => run(qwTmp, ['roots', ...args], here.options);

/** Three roots were used: `r`, the one that is named, `a`, and `b`. */
async function used(here: Scene): Promise<[r: string, a: string, b: string]> {
  const [a, b] = [join(here.box.dir, 'a'), join(here.box.dir, 'b')];
  for (const root of [here.box.root, a, b]) await run(qwRun, ['--root', root, 'true'], here.options);
  return [here.box.root, a, b];
}

describe('qw-tmp roots', { concurrency: 2 }, () => {
  test('shows each with its sessions, also those that are gone', async (t) => {
    const here = scene(t);
    const [r, a, b] = await used(here);
    forge({ root: a }, 'orphan00', { lease: leaseOf('orphan00') });
    rmSync(b, { recursive: true });
    const { code, stdout } = await roots(here);
    assert.equal(code, 0);
    for (const row of [`root +0  named  ${r}`, `root +1  noted  ${a}`, `missing +noted  ${b}`])
      assert.match(stdout, new RegExp(`^${row}$`, 'm'));
    const json = JSON.parse((await roots(here, '--json')).stdout);
    assert.deepEqual(json.roots[1], {
      ...{ path: a, source: 'noted', isNoted: true, state: 'root', reason: null, sessions: 1 },
    });
    const none = await run(qwTmp, ['list'], here.options);
    assert.ok(!none.stdout.includes(b), 'what is gone is not named');
  });

  test('forgets what was noted, and touches nothing in it', async (t) => {
    const here = scene(t);
    const [r, a, b] = await used(here);
    const before = picture(a);
    const { code, stdout } = await roots(here, 'forget', a);
    assert.deepEqual([code, stdout, noted(here)], [0, `forgot ${a}\n`, `${r}\n${b}\n`]);
    assert.deepEqual(picture(a), before);
    const json = await roots(here, 'forget', b, '--json');
    assert.deepEqual(JSON.parse(json.stdout), { version: 1, forgotten: [b] });
  });

  test('forgets none that holds a session, and nothing at all where a name is wrong', async (t) => {
    const here = scene(t);
    const [, a, b] = await used(here);
    forge({ root: a }, 'orphan00', { lease: leaseOf('orphan00') });
    const before = noted(here);
    for (const [args, code, said] of [
      [[a, b], 1, /holds a session.*qw-tmp rm --all --root/],
      [[b, `${b}b`], 2, /is not noted: nothing was done; did you mean .*\/b\?/],
      [[], 2, /needs a directory/],
    ] as const) {
      const done = await roots(here, 'forget', ...args);
      assert.deepEqual([done.code, done.stdout, noted(here)], [code, '', before]);
      assert.match(done.stderr, said);
    }
    assert.equal((await roots(here, 'forgte', b)).code, 2);
    assert.equal(noted(here), before);
  });
});
