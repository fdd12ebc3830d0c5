// What an agent leaves in its session is data to the sweep: neither a repository's own commands nor the names of files are
// ever executed. And only sessions that live are swept inside.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outsider } from '../helpers/outsider.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const { forge, HOUR, leaseOf, picture, put, reapOnce } = reaping;
const ID = 'abcd1234';
const UNIT = `claude-${process.getuid?.()}/p/00000000-0000-4000-8000-000000000001`;
const TIME = 'startChat-2026-01-01T10-00-00-000Z';
const OLD = { laterMs: 73 * HOUR };
const owner = () => ({
  ...reaping.identityOf(process.pid),
  ...reaping.realm(),
  uid: process.getuid?.() ?? 0,
});
const forged = ({ box }: Scene, files: string[], more: Record<string, unknown>) =>
  forge(box, ID, { lease: leaseOf(ID, { backend: 'claude', ...more }), files }).tmpdir;

/** A repository each of whose commands would write `canary`, and does when git is run in it. */
function trap(dir: string, canary: string): void {
  const program = put(join(dir, '..', 'trap.sh'), `#!/bin/sh\ntouch '${canary}'\n`);
  const git = (...args: string[]) => spawnSync('git', ['-C', dir, ...args], { encoding: 'utf8' });
  spawnSync('chmod', ['700', program]);
  assert.equal(spawnSync('git', ['init', '-q', dir]).status, 0);
  for (const key of ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'diff.external', 'core.editor'])
    assert.equal(git('config', key, program).status, 0);
  for (const hook of ['pre-commit', 'post-checkout', 'post-index-change', 'pre-auto-gc'])
    writeFileSync(join(dir, '.git/hooks', hook), `#!/bin/sh\ntouch '${canary}'\n`, { mode: 0o700 });
  git('status');
  assert.ok(existsSync(canary), 'the trap works');
  spawnSync('rm', [canary]);
}

const noGit = spawnSync('git', ['--version']).error ? 'git is not installed' : false;

test('a repository is not asked for anything, and stays', { skip: noGit }, async (t) => {
  const here = scene(t);
  const canary = join(here.box.dir, 'canary');
  const tmpdir = forged(here, [], { owner: owner() });
  trap(join(tmpdir, UNIT, 'work/repository'), canary);
  const before = picture(join(tmpdir, UNIT));
  const { report, code } = await reapOnce(here, ['--max-age', '1h'], OLD);
  assert.deepEqual([code, report.swept, report.failed], [0, [], []]);
  assert.deepEqual(picture(join(tmpdir, UNIT)), before);
  assert.ok(!existsSync(canary), 'nothing was executed');
});

test('a bare repository stays, and an orphan with one is removed, without running it', {
  skip: noGit,
}, async (t) => {
  const here = scene(t);
  const canary = join(here.box.dir, 'canary');
  const tmpdir = forged(here, [], { owner: owner() });
  trap(join(tmpdir, UNIT, 'repository'), canary);
  renameSync(join(tmpdir, UNIT, 'repository/.git'), join(tmpdir, UNIT, 'bare'));
  const orphan = forge(here.box, 'dead1234', { lease: leaseOf('dead1234') });
  trap(join(orphan.tmpdir, 'work/repository'), canary);
  const { report, ids } = await reapOnce(here, [], OLD);
  assert.deepEqual([report.swept.map(({ path }) => path), ids], [[], ['dead1234']]);
  assert.ok(!existsSync(canary), 'nothing was executed');
});

test('names that mean something to a shell, to rm or to a terminal are only names', async (t) => {
  const here = scene(t);
  const canary = join(here.box.dir, 'canary');
  const precious = put(join(here.box.cwd, 'precious'));
  const odd = [
    '-rf',
    '--help',
    '$(touch canary)',
    '`touch canary`',
    '; touch canary',
    'a\nb',
    '*',
    '"',
    "'",
    '\x1b[2J',
  ];
  const tmpdir = forged(here, [], { owner: owner() });
  for (const name of odd) {
    put(join(tmpdir, UNIT, name, name));
    put(join(tmpdir, UNIT.replace('/p/', `/${name}/`), 'file'));
    forge(here.box, 'dead1234', { lease: leaseOf('dead1234'), files: [`${name}/${name}`] });
  }
  const { report, ids, code } = await reapOnce(here, [], OLD);
  assert.deepEqual([code, report.failed, ids], [0, [], ['dead1234']]);
  assert.equal(report.swept.length, odd.length + 1);
  for (const project of readdirSync(join(tmpdir, UNIT, '../..')))
    assert.deepEqual(readdirSync(join(tmpdir, UNIT, '../..', project)), []);
  assert.deepEqual([existsSync(canary), existsSync(precious)], [false, true]);
  assert.deepEqual(readdirSync(here.box.cwd), ['precious']);
});

test('a session that is held stays whole: its stale units are not swept', async (t) => {
  const here = scene(t);
  const tmpdir = forged(here, [`${UNIT}/file`, 'claude-1a2b-cwd'], {});
  await outsider(here, 'cwd', tmpdir);
  const before = picture(tmpdir);
  const { report } = await reapOnce(here, ['--max-age', '1h'], OLD);
  assert.deepEqual([report.kept, report.swept], [[{ id: ID, state: 'held', reason: 'in-use' }], []]);
  assert.deepEqual(picture(tmpdir), before);
});

for (const [backend, goes] of [
  ['claude', ['claude-1a2b-cwd']],
  ['gemini', [`gemini-client-error-${TIME}.json`, 'gemini-shell-aB3dE6']],
  ['codex', []],
  ['generic', []],
  ['nobody-knows', []],
] as const) {
  test(`of a session of ${backend} goes ${goes.join(', ') || 'nothing'}`, async (t) => {
    const here = scene(t);
    const all = [
      ...['claude-1a2b-cwd', 'codex-apply-1', `gemini-client-error-${TIME}.json`],
      ...['gemini-shell-aB3dE6/bgpids.tmp', 'tmp.1'],
    ];
    const tmpdir = forged(here, all, { backend, owner: owner() });
    const { report } = await reapOnce(here, [], OLD);
    assert.deepEqual(
      report.swept.map(({ path }) => path),
      goes.map((name) => join(tmpdir, name)),
    );
    assert.deepEqual(
      readdirSync(tmpdir).sort(),
      all.map((path) => path.split('/')[0]).filter((name) => !goes.includes(name as never)),
    );
  });
}
