// The wall clock is set while sessions live: nothing in them looks older than it is, and nothing of them goes for it. Time that really
// passed counts as ever.
import assert from 'node:assert/strict';
import { existsSync, utimesSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const { forge, HOUR, leaseOf, put, reapOnce } = reaping;
const ID = 'abcd1234';
const uid = process.getuid?.() ?? 0;
const OUTPUT = `claude-${uid}/-home-me/00000000-0000-4000-8000-000000000001/tasks`;
const UNIT = OUTPUT.slice(0, -'/tasks'.length);
const SET = { jumpMs: 96 * HOUR };
const PASSED = { laterMs: 73 * HOUR };
const AGENT = 'echo "ready $$ "; exec sleep 600';
/** It was used last so many hours from now. */
const usedAt = (path: string, hours: number) => {
  const at = Date.now() / 1000 + hours * 3600;
  utimesSync(path, at, at);
};
const sweptIn = async (here: Scene, tmpdir: string, shift: reaping.Shift, args: string[] = []) =>
  (await reapOnce(here, args, shift)).report.swept.map(({ path }) => path.slice(tmpdir.length + 1)).sort();

describe('in a living session', { concurrency: 2 }, () => {
  test('of a moment ago nothing is stale until time has passed', async (t) => {
    const here = scene(t);
    const { tmpdir } = await reaping.openWith(here, ['--backend', 'claude'], AGENT);
    for (const name of [`${OUTPUT}/a.output`, 'claude-1a2b-cwd', 'notes']) put(join(tmpdir, name));
    assert.deepEqual(await sweptIn(here, tmpdir, SET), []);
    assert.deepEqual(await sweptIn(here, tmpdir, SET, ['--low', '100%']), []);
    assert.ok(existsSync(join(tmpdir, 'notes')));
    assert.deepEqual(await sweptIn(here, tmpdir, PASSED), [UNIT, 'claude-1a2b-cwd'].sort());
  });

  test('that runs for days, what was used an hour ago is not stale, and what was not is', async (t) => {
    const here = scene(t);
    const { tmpdir } = await reaping.openWith(here, ['--backend', 'claude'], AGENT);
    for (const name of ['new', 'old']) put(join(tmpdir, OUTPUT, `${name}.output`));
    usedAt(join(tmpdir, OUTPUT, 'new.output'), 99);
    const both = { laterMs: 100 * HOUR, ...SET };
    assert.deepEqual(await sweptIn(here, tmpdir, both), [`${OUTPUT}/old.output`]);
    assert.ok(existsSync(join(tmpdir, OUTPUT, 'new.output')));
  });

  test('whose lease does not say when the machine had booted, nothing is older than its owner', async (t) => {
    const here = scene(t);
    const owner = { ...reaping.identityOf(process.pid), ...reaping.realm(), uid };
    const { tmpdir } = forge(here.box, ID, {
      lease: leaseOf(ID, { backend: 'claude', owner }),
      files: ['claude-1a2b-cwd'],
    });
    assert.deepEqual(await sweptIn(here, tmpdir, SET), []);
    assert.deepEqual(await sweptIn(here, tmpdir, PASSED), ['claude-1a2b-cwd']);
  });
});

describe('a session of another pid namespace of this machine', { concurrency: 2 }, () => {
  const owner = () => ({ ...reaping.identityOf(process.pid), ...reaping.realm(), pidNamespace: '1', uid });
  const bootedAt = () => Math.round(Date.now() - uptime() * 1_000);

  test('is young by the time that has passed, by its heartbeat and by its files', async (t) => {
    const here = scene(t);
    const { dir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: owner() }) });
    const kept = async (shift: reaping.Shift) => (await reapOnce(here, [], shift)).report.kept;
    assert.deepEqual(await kept(SET), [{ id: ID, state: 'foreign', reason: 'heartbeat-fresh' }]);
    assert.deepEqual(await kept(PASSED), []);
    assert.ok(!existsSync(dir));
  });

  test('that runs for days is young while its heart beats', async (t) => {
    const here = scene(t);
    const { dir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: owner(), bootedAt: bootedAt() }) });
    usedAt(join(dir, 'lease.json'), 100);
    const both = { laterMs: 100 * HOUR, ...SET };
    const { report } = await reapOnce(here, [], both);
    assert.deepEqual(report.kept, [{ id: ID, state: 'foreign', reason: 'heartbeat-fresh' }]);
    usedAt(join(dir, 'lease.json'), 1);
    assert.deepEqual((await reapOnce(here, [], both)).ids, [ID]);
  });

  test('is as old as the wall clock says where it is of another machine', async (t) => {
    const here = scene(t);
    const lease = leaseOf(ID, { owner: { ...owner(), bootId: 'another' }, bootedAt: bootedAt() });
    const { tmpdir } = forge(here.box, ID, { lease });
    usedAt(join(tmpdir, 'some/file'), 1);
    assert.deepEqual((await reapOnce(here, [], SET)).ids, [ID]);
  });
});
