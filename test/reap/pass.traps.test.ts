// What somebody put in the place of the reaper's own files is not trusted: nothing is followed out of the root, nothing
// blocks, nothing fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deadClaim } from '../helpers/claims.js';
import { start } from '../helpers/cli.js';
import { makeRoot } from '../helpers/make-root.js';
import { qwRun } from '../helpers/paths.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const { forge, HOUR, killed, leaseOf, picture, put, reapOnce } = reaping;

/** A directory outside the root that has to stay as it is, with what the reaper would like to find. */
function precious({ box }: Scene): string {
  const dir = join(box.dir, 'precious');
  for (const file of [
    'file',
    'deep/file',
    `dead1234.${deadClaim()}/file`,
    'fswatch-probe-aB3dE6/probe',
    'claude-1a2b-cwd',
  ])
    put(join(dir, file));
  makeRoot(box.root);
  return dir;
}

const makeFifo = (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0);
const aWhileAgo = (path: string) => fs.lutimesSync(path, Date.now() / 1000 - 1200, Date.now() / 1000 - 1200);
type Put = (path: string, outside: string) => unknown;

describe('in the place of the trash:', { concurrency: 2 }, () => {
  const table: [what: string, place: Put][] = [
    ['a link to a directory of the user', (path, outside) => fs.symlinkSync(outside, path)],
    ['a link that leads nowhere', (path) => fs.symlinkSync('/no/such/place', path)],
    ['a file', (path) => put(path)],
    ['a FIFO', makeFifo],
  ];
  for (const [what, place] of table) {
    test(`${what} stays and is told, and an orphan is removed all the same`, async (t) => {
      const here = scene(t);
      const outside = precious(here);
      const trash = join(here.box.root, '.trash');
      place(trash, outside);
      const before = [...picture(outside), ...picture(here.box.root)];
      forge(here.box, 'dead1234', { lease: leaseOf('dead1234') });
      assert.equal((await reapOnce(here, ['--dry-run'])).code, 0);
      for (const ids of [['dead1234'], []]) {
        const reaped = await reapOnce(here);
        assert.deepEqual([reaped.code, reaped.ids], [1, ids]);
        assert.deepEqual(
          reaped.report.failed.map(({ path, hint }) => [path, hint]),
          [[trash, `mv ${trash} ~/`]],
        );
      }
      assert.deepEqual([...picture(outside), ...picture(here.box.root)], before);
    });
  }
});

describe('in the place of the stamp of the last pass:', { concurrency: 2 }, () => {
  const table: [what: string, place: Put][] = [
    ['a link to a file of the user', (path, outside) => fs.symlinkSync(join(outside, 'file'), path)],
    ['a FIFO', makeFifo],
    ['a directory', (path) => fs.mkdirSync(path)],
  ];
  for (const [what, place] of table) {
    test(`${what} hinders no command`, async (t) => {
      const here = scene(t);
      const outside = precious(here);
      place(join(here.box.root, '.reaped'), outside);
      aWhileAgo(join(here.box.root, '.reaped'));
      const before = picture(outside);
      const { QW_REAP: _off, ...env } = here.options.env;
      const wrapper = start(qwRun, ['sh', '-c', 'exit 7'], { ...here.options, env });
      const { child, pid } = wrapper;
      const isOver = () => child.exitCode !== null || child.signalCode !== null;
      await waitUntil('the command ends', isOver).catch(async (error) => {
        await killed(pid);
        throw error;
      });
      const { code, stderr } = await wrapper.done;
      assert.deepEqual([code, stderr], [7, '']);
      assert.deepEqual(picture(outside), before);
      await waitUntil('no session is left', () => reaping.ids(here.box).length === 0);
    });
  }
});

describe('in the place of a TMPDIR, a link to a directory of the user', () => {
  const owner = () => ({
    ...reaping.identityOf(process.pid),
    ...reaping.realm(),
    uid: process.getuid?.() ?? 0,
  });
  const table: [what: string, lease: () => Record<string, unknown> | undefined, state: string][] = [
    ['a living session: nothing is swept there', () => ({ owner: owner() }), 'live'],
    ['an orphan: only the link goes', () => ({}), 'removed'],
    ['one without lease: only the link goes', () => undefined, 'removed'],
  ];
  for (const [what, more, state] of table) {
    test(what, async (t) => {
      const here = scene(t);
      const outside = precious(here);
      const fields = more();
      const lease = fields && { lease: leaseOf('abcd1234', { backend: 'claude', ...fields }) };
      const { tmpdir } = forge(here.box, 'abcd1234', { ...lease, files: [] });
      fs.rmdirSync(tmpdir);
      fs.symlinkSync(outside, tmpdir);
      const before = picture(outside);
      const { report, ids } = await reapOnce(here, [], { laterMs: 73 * HOUR });
      assert.deepEqual(picture(outside), before);
      assert.deepEqual([report.swept, report.failed], [[], []]);
      assert.deepEqual(state === 'removed' ? ids : report.kept.map(({ state: kept }) => kept), [
        state === 'removed' ? 'abcd1234' : state,
      ]);
    });
  }
});
