// The sizes that are told are what removal frees: blocks, not lengths, and nothing for a file with a name elsewhere; the
// same in the list, in a dry run and in the report of what was done, for sessions and for units inside living ones.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwTmp } from '../helpers/paths.js';
import { forge, HOUR, identityOf, leaseOf, put, realm, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const KIB = 1024;
const blocksOf = (path: string) => lstatSync(path).blocks * 512;

/** A file of 300 KiB by two names, one with a name outside, one that is a hole: gives what removing them frees. */
function fill(dir: string, outside: string): number {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'twice'), Buffer.alloc(300 * KIB, 1));
  linkSync(join(dir, 'twice'), join(dir, 'again'));
  writeFileSync(outside, Buffer.alloc(500 * KIB, 1));
  linkSync(outside, join(dir, 'elsewhere too'));
  writeFileSync(join(dir, 'hole'), '');
  truncateSync(join(dir, 'hole'), 2 ** 30);
  execFileSync('sync', ['-f', dir]); // some file systems allocate late
  return blocksOf(join(dir, 'twice')) + blocksOf(join(dir, 'hole'));
}

test('an orphan: list, dry run and report agree', async (t) => {
  const here = scene(t);
  const { dir, tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00'), files: [] });
  const bytes = fill(tmpdir, join(here.box.dir, 'outside'));
  assert.ok(bytes >= 300 * KIB && bytes < 500 * KIB, `${bytes}`);
  const listed = JSON.parse((await run(qwTmp, ['list', '--json'], here.options)).stdout);
  const whole = bytes + blocksOf(tmpdir) + blocksOf(join(dir, 'lease.json'));
  assert.equal(listed.sessions[0].bytes, whole);
  for (const args of [['--dry-run'], []])
    assert.equal((await reapOnce(here, args)).report.removed[0]?.bytes, whole, args.join());
  assert.equal(lstatSync(join(here.box.dir, 'outside')).nlink, 1);
});

test('a unit of a living session', async (t) => {
  const here = scene(t);
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() };
  const { tmpdir } = forge(here.box, 'living00', {
    lease: leaseOf('living00', { backend: 'claude', owner }),
  });
  const unit = join(tmpdir, `claude-${process.getuid?.()}/p/00000000-0000-4000-8000-000000000001`);
  const bytes = fill(unit, join(here.box.dir, 'outside')) + blocksOf(unit);
  put(join(tmpdir, 'claude-1234-cwd'));
  for (const args of [['--dry-run'], []]) {
    const { swept } = (await reapOnce(here, args, { laterMs: 80 * HOUR })).report;
    assert.equal(swept.find(({ path }) => path === unit)?.bytes, bytes, args.join());
  }
});
