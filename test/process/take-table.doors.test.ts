// By which unix sockets others reach a process, wherever these lie, and how many are connected to them.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { takeTable } from '#src/process/take-table.js';
import { scene } from '../helpers/scene.js';
import { bound, noPython } from '../helpers/sockets.js';

describe('the doors of a process', { skip: noPython }, () => {
  const place = (t: TestContext) => {
    const here = scene(t);
    const tmp = join(here.box.root, 'aaaaaaaa/tmp');
    mkdirSync(tmp, { recursive: true });
    // /proc/net/unix has names as they were bound: a relative one is the same as that of any other process.
    return { here, tmp, dir: here.box.cwd, name: `b-${basename(here.box.dir)}` };
  };
  const doorsOf = async (root: string, pid: number) =>
    (await takeTable({ roots: [root] })).processes.get(pid)?.doors;

  test('are what it listens on and its datagram sockets, in T and elsewhere', async (t) => {
    const { here, tmp, dir } = place(t);
    const pid = await bound(
      here,
      ...[`listen ${tmp}/a`, `seqpacket ${dir}/b c`, `datagram ${dir}/d`],
      ...[`bind ${dir}/mute`, `abstract ${dir}/name`],
    );
    assert.deepEqual(
      new Set(await doorsOf(here.box.root, pid)),
      new Set([`${tmp}/a`, `${dir}/b c`, `${dir}/d`].map((path) => ({ path, peers: 0 }))),
    );
  });

  test('count who is connected, accepted or still waiting; those are no doors', async (t) => {
    const { here, dir } = place(t);
    const door = `${dir}/door`;
    const server = await bound(here, `listen ${door}`);
    assert.deepEqual(await doorsOf(here.box.root, server), [{ path: door, peers: 0 }]);
    const client = await bound(here, `connect ${door}`);
    assert.deepEqual(await doorsOf(here.box.root, server), [{ path: door, peers: 1 }]);
    assert.deepEqual(await doorsOf(here.box.root, client), []);
    const both = await bound(
      here,
      ...[`listen ${dir}/other`, `connect ${dir}/other`, `connect ${dir}/other`],
    );
    assert.deepEqual(await doorsOf(here.box.root, both), [{ path: `${dir}/other`, peers: 2 }]);
  });

  test('have the path where they lie, whatever name they were bound by', async (t) => {
    const { here, tmp, dir, name } = place(t);
    symlinkSync(tmp, join(dir, 'link'));
    const byName = [`listen ${name}`, `connect ${name}`];
    const pid = await bound(here, `listen ${dir}/link/a`, `chdir ${dir}`, ...byName, 'datagram ../r/gone');
    assert.deepEqual(await doorsOf(here.box.root, pid), [
      { path: `${tmp}/a`, peers: 0 },
      { path: `${dir}/${name}`, peers: 1 },
      { path: `${here.box.root}/gone`, peers: 0 },
    ]);
  });

  test('keep a relative name where nobody can tell what it is relative to', async (t) => {
    const { here, dir, name } = place(t);
    const pid = await bound(here, `chdir ${dir}`, `listen ${name}`, 'chdir /');
    assert.deepEqual(await doorsOf(here.box.root, pid), [{ path: name, peers: 0 }]);
  });

  test('are unknown, not none, of another uid or of one that cannot be read', async (t) => {
    const { here } = place(t);
    const { processes } = await takeTable({ roots: [here.box.root] });
    assert.equal(processes.get(1)?.doors, undefined);
  });
});
