// Trees that take their time: removed within a limit, with nothing of the outside touched, also while somebody goes on making files
// there or moves directories in and out.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sized } from '../../helpers/conformance.js';
import { fixture } from '../../helpers/paths.js';
import { forge, killed, leaseOf, picture, put, reapOnce } from '../../helpers/reaping.js';
import { type Scene, scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';

const LIMIT_MS = 300_000;
const [ENTRIES, LEVELS] = [sized({ fast: 2_000, full: 1_000_000 }), sized({ fast: 2_000, full: 20_000 })];
const words = (count: number) => count.toLocaleString('en');

/** A dead session, and a tree outside that has to stay as it is. */
function dead(here: Scene): { tmpdir: string; untouched(): void } {
  const canary = join(here.box.dir, 'canary');
  put(join(canary, 'a/file'));
  const before = picture(canary);
  const { tmpdir } = forge(here.box, 'dead0000', { lease: leaseOf('dead0000'), files: [] });
  return { tmpdir, untouched: () => assert.deepEqual(picture(canary), before) };
}

async function goes(here: Scene): Promise<void> {
  const since = performance.now();
  const { code, report } = await reapOnce(here);
  assert.deepEqual([code, report.failed, report.removed.length], [0, [], 1]);
  assert.ok(performance.now() - since < LIMIT_MS);
  here.nothingLeft();
}

test(`${words(ENTRIES)} entries in one directory`, async (t) => {
  const here = scene(t);
  const { tmpdir, untouched } = dead(here);
  const { status } = spawnSync('sh', ['-c', `seq ${ENTRIES} | xargs touch`], { cwd: tmpdir });
  assert.equal(status, 0);
  await goes(here);
  untouched();
});

test(`${words(LEVELS)} levels deep`, async (t) => {
  const here = scene(t);
  const { tmpdir, untouched } = dead(here);
  assert.equal(spawnSync(process.execPath, [fixture('deep-path.mjs'), tmpdir, String(LEVELS)]).status, 0);
  await goes(here);
  untouched();
});

test('a sparse file of 1 TiB', async (t) => {
  const here = scene(t);
  const { tmpdir, untouched } = dead(here);
  writeFileSync(join(tmpdir, 'sparse'), '');
  try {
    truncateSync(join(tmpdir, 'sparse'), 2 ** 40);
  } catch (error) {
    return t.skip(`no such file here: ${error}`);
  }
  assert.equal(statSync(join(tmpdir, 'sparse')).size, 2 ** 40);
  await goes(here);
  untouched();
});

for (const [what, script] of [
  ['a process that keeps making files', 'mkdir "$1/new$n" && : >"$1/new$n/file"'],
  ['directories moved out and in again', 'mv "$1/d" "$2/d"; mv "$2/d" "$1/d"'],
] as const)
  test(`${what} during the removal: gone once it is`, async (t) => {
    const here = scene(t);
    const { tmpdir, untouched } = dead(here);
    for (let n = 0; n < 500; n += 1) put(join(tmpdir, `d/${n}/file`));
    const outside = join(here.box.dir, 'outside');
    mkdirSync(outside);
    // By the paths of the place and of the trash; it has nothing open there and is no member, so nobody waits for it.
    const loop = `while :; do n=$((n + 1)); for at in "$0"/dead0000/tmp "$0"/.trash/*/tmp; do [ -d "$at" ] && { set -- "$at" "${outside}"; ${script}; }; done; done 2>/dev/null`;
    const child = spawn('sh', ['-c', loop, here.box.root], { ...here.options, cwd: '/', stdio: 'ignore' });
    const { code, report } = await reapOnce(here);
    // What came in behind rm's back is told.
    assert.equal(code, report.failed.length > 0 ? 1 : 0);
    await killed(child.pid as number);
    await waitUntil('all is gone', async () => {
      await reapOnce(here, ['--orphans', 'end']);
      return here.box.left().length === 0;
    });
    untouched();
  });
