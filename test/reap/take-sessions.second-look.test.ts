// Somebody comes to a session between the reaper's look at the processes and its claim: the second look finds them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { reapNow } from '#src/reap/reap-now.js';
import { gitScene, noGit } from '../helpers/git.js';
import { fixture } from '../helpers/paths.js';
import { deadOwner, forge, killed, leaseOf } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const ID = 'dead1234';

const reap = ({ box }: Scene) =>
  reapNow({
    roots: [box.root],
    maxAgeMs: 72 * 3_600_000,
    orphans: 'wait',
    legacy: { backends: [], isTaken: false },
    legacyDirs: [],
    isDryRun: false,
    spare: [],
  });

/** Something happens just before the session is renamed, and just after. */
function aroundClaim(t: TestContext, dir: string, before: () => void, after: () => void): void {
  const { renameSync } = fs;
  const undo = () => {
    fs.renameSync = renameSync;
  };
  t.after(undo);
  fs.renameSync = (from, to) => {
    if (basename(String(from)) !== basename(dir)) return renameSync(from, to);
    undo();
    before();
    renameSync(from, to);
    after();
  };
}

/** Starts one that holds `path`, without letting anything else run. */
function holdAtOnce({ options }: Scene, what: 'cwd' | 'socket', path: string): number {
  const args = [fixture('hold.mjs'), what, path];
  const { pid = 0 } = spawn(process.execPath, args, {
    ...options,
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  });
  const isThere = () => (what === 'cwd' ? readlinkSync(`/proc/${pid}/cwd`) === path : existsSync(path));
  for (let tries = 0; tries < 1_000 && !isThere(); tries += 1)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  assert.ok(isThere());
  return pid;
}

test('a socket bound there meanwhile: the session is put back', async (t) => {
  const here = scene(t);
  const { dir, tmpdir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: deadOwner() }) });
  const socket = join(tmpdir, 's');
  let holder = 0;
  const bind = () => {
    holder = holdAtOnce(here, 'socket', socket);
  };
  aroundClaim(t, dir, bind, () => {});
  const { removed, kept, failed } = await reap(here);
  assert.deepEqual(
    { removed, kept, failed },
    { removed: [], kept: [{ id: ID, state: 'held', reason: 'in-use' }], failed: [] },
  );
  assert.ok(lstatSync(socket).isSocket());
  await killed(holder);
  // Its other threads may have it open for a moment longer than it is alive.
  await waitUntil('nobody has it', () => !readFileSync('/proc/net/unix', 'utf8').includes(socket));
  assert.equal((await reap(here)).removed.length, 1);
});

test('in use, and something new in its place: it stays in the trash until it is used no more', async (t) => {
  const here = scene(t);
  const { dir, tmpdir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: deadOwner() }) });
  let holder = 0;
  const come = () => {
    holder = holdAtOnce(here, 'cwd', tmpdir);
  };
  aroundClaim(t, dir, come, () => mkdirSync(tmpdir, { recursive: true }));
  for (const pass of ['first', 'second']) {
    const { removed, kept, failed } = await reap(here);
    assert.deepEqual([removed, kept.length, failed.length], [[], 1, 1], pass);
    assert.match(failed[0]?.reason ?? '', /cannot be put back/);
    const where = readlinkSync(`/proc/${holder}/cwd`);
    assert.equal(dirname(dirname(where)), join(here.box.root, '.trash'));
    assert.ok(existsSync(join(where, 'some/file')), pass);
  }
  await killed(holder);
  assert.deepEqual((await reap(here)).failed, []);
  assert.deepEqual(here.box.left(), [ID], 'the new one is young');
});

test('a worktree added there meanwhile: it is kept, and what is beside it goes', {
  skip: noGit(),
}, async (t) => {
  const here = scene(t);
  const { repository, git } = gitScene(t);
  const { dir, tmpdir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: deadOwner() }) });
  const repo = repository(join(here.box.dir, 'repo'));
  const add = () => git(repo, 'worktree', 'add', '-q', '-b', 'f', join(tmpdir, 'w'));
  aroundClaim(t, dir, add, () => {});
  for (const pass of ['first', 'second']) {
    const { removed, kept, failed } = await reap(here);
    assert.deepEqual([removed, failed, readdirSync(tmpdir)], [[], [], ['w']], pass);
    assert.deepEqual(
      kept.map(({ id, state, reason, work }) => [id, state, reason, work?.length]),
      [[ID, 'kept', 'worktree', 1]],
      pass,
    );
  }
  assert.doesNotMatch(git(repo, 'worktree', 'list'), /prunable/);
});

test('a root that vanishes midway is no fault', async (t) => {
  const here = scene(t);
  const { dir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: deadOwner() }) });
  const { mkdirSync: make } = fs;
  t.after(() => {
    fs.mkdirSync = make;
  });
  fs.mkdirSync = ((path: string, mode: number) => {
    fs.mkdirSync = make;
    fs.renameSync(here.box.root, `${here.box.root}-gone`);
    return make(path, mode);
  }) as typeof make;
  const { failed } = await reap(here);
  assert.deepEqual(failed, []);
  assert.ok(!existsSync(dir));
});
