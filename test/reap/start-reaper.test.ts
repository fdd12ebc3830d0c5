// The reaper of a server: works at once and again and again, for as long as the server has something else to do, and no
// fault of it or of what it calls reaches the server.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isAlive } from '../helpers/processes.js';
import { deadOwner, forge, killed, leaseOf } from '../helpers/reaping.js';
import { linesOf, server } from '../helpers/reaping-server.js';
import { type Scene, scene } from '../helpers/scene.js';
import { stuckFile } from '../helpers/stuck.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAY = 'setInterval(() => {}, 60_000);';
const orphan = ({ box }: Scene, id: string, root = box.root) =>
  forge({ ...box, root }, id, { lease: leaseOf(id, { owner: deadOwner() }) });

describe('startReaper', { concurrency: 2 }, () => {
  test('makes a pass at once and tells onReport', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const run = server(here, `reaper({ onReport: (r) => say('report', JSON.stringify(r)) }); ${STAY}`);
    const [line = ''] = (await run.says(/^report .*\n/m)).split('\n');
    const { version, dryRun, removed, failed } = JSON.parse(line.slice(7));
    assert.deepEqual([version, dryRun, failed], [1, false, []]);
    assert.deepEqual(removed[0].id, 'dead1234');
    assert.ok(isAlive(run.pid));
    await killed(run.pid);
    here.nothingLeft();
  });

  test('repeats, also when there was no root at first and when it vanished in between', async (t) => {
    const here = scene(t);
    const run = server(here, `reaper({ every: '1s', onReport: (r) => say('report', ids(r)) }); ${STAY}`);
    await run.says('report \n');
    for (const id of ['dead0001', 'dead0002']) {
      orphan(here, id);
      await run.says(`report ${id}\n`);
      assert.deepEqual(here.box.left(), []);
      rmSync(here.box.root, { recursive: true });
      const seen = linesOf(run, 'report').length;
      await waitUntil('another pass', () => linesOf(run, 'report').length > seen);
    }
    assert.equal(run.stderr(), '');
  });

  test('waits for a root of its own that no session has made yet, and tells what is wrong with one', async (t) => {
    const here = scene(t);
    const root = join(here.box.dir, 'own');
    const script = `reaper({ every: '1s', root: process.env.OWN, onReport: (r) => say('report', ids(r)) }); ${STAY}`;
    const run = server(here, script, { OWN: root });
    await run.says('report \n');
    orphan(here, 'dead0001', root);
    await run.says('report dead0001\n');
    assert.equal(run.stderr(), '');
    chmodSync(root, 0o755);
    const { code, stderr } = await server(here, script, { OWN: root }).done;
    assert.equal(code, 1);
    assert.match(stderr, /ERR_QW_ROOT_UNSAFE/);
  });

  test('does not keep the process alive, not even before its first pass is done', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const { code, signal, stderr } = await server(here, `reaper({ every: '1s' })`).done;
    assert.deepEqual([code, signal, stderr], [0, null, '']);
    const later = `reaper({ every: '1s', onReport: () => closing.close() });
      const { createServer } = await import('node:net');
      const closing = createServer().listen(0, '127.0.0.1');`;
    assert.equal((await server(here, later).done).code, 0);
    await here.nothingLeftSoon();
  });

  test('does nothing when not enabled, and nothing more once stopped', async (t) => {
    const here = scene(t);
    const root = (name: string) => join(here.box.dir, name);
    for (const name of ['off', 'stopped', 'on']) orphan(here, 'dead1234', root(name));
    const script = `const [off, stopped, on] = JSON.parse(process.env.ROOTS);
      const every = '1s';
      const idle = reaper({ every, root: off, enabled: false, onReport: () => say('wrong') });
      const first = reaper({ every, root: stopped, onReport: () => { first.stop(); first.stop(); say('stopped'); } });
      reaper({ every, root: on, onReport: () => say('on') });
      idle.stop();
      ${STAY}`;
    const run = server(here, script, { ROOTS: JSON.stringify(['off', 'stopped', 'on'].map(root)) });
    await run.says('stopped\n');
    orphan(here, 'dead5678', root('stopped'));
    const seen = linesOf(run, 'on').length;
    await waitUntil('three passes of the other', () => linesOf(run, 'on').length >= seen + 3);
    assert.deepEqual([linesOf(run, 'stopped').length, linesOf(run, 'wrong').length], [1, 0]);
    assert.ok(existsSync(join(root('stopped'), 'dead5678')));
    assert.ok(existsSync(join(root('off'), 'dead1234')));
    assert.ok(!existsSync(join(root('on'), 'dead1234')));
  });

  test('goes on after an onReport that throws, and warns', async (t) => {
    const here = scene(t);
    const script = `let calls = 0;
      const logger = { info() {}, warn: (line) => say('warning', line) };
      reaper({ every: '1s', logger, onReport: () => { say('call', ++calls); throw new Error('my fault'); } });
      ${STAY}`;
    const run = server(here, script);
    await run.says('call 2\n');
    orphan(here, 'dead1234');
    await waitUntil('it still reaps', () => here.box.left().length === 0);
    assert.match(linesOf(run, 'warning')[0] ?? '', /my fault/);
    assert.ok(isAlive(run.pid));
    assert.equal(run.stderr(), '');
  });

  test('tries again in its next pass what could not be removed', async (t) => {
    const here = scene(t);
    const stuck = stuckFile(here, orphan(here, 'dead1234'));
    const script = `reaper({ every: '1s', onReport: ({ failed }) => say('failed', failed.length) }); ${STAY}`;
    const run = server(here, script, stuck.env, stuck.flags);
    await run.says('failed 1\n');
    assert.equal(here.box.left().length, 1);
    stuck.free();
    await run.says('failed 0\n');
    assert.deepEqual(here.box.left(), []);
    await killed(run.pid);
  });

  test('logs one line for a pass that did something, a warning for what could not be removed', async (t) => {
    const here = scene(t);
    const stuck = stuckFile(here, orphan(here, 'dead1234'));
    const script = `const logger = { info: (line) => say('info', line), warn: (line) => say('warn', line) };
      reaper({ every: '1s', logger, onReport: () => say('done') });
      ${STAY}`;
    const failing = server(here, script, stuck.env, stuck.flags);
    await failing.says('done\n');
    assert.match(
      linesOf(failing, 'warn')[0] ?? '',
      /^warn qw-run: could not remove .*dead1234.*not permitted/,
    );
    assert.deepEqual(linesOf(failing, 'info'), []);
    await killed(failing.pid);
    stuck.free();
    orphan(here, 'dead5678');
    const working = server(here, script);
    await waitUntil('three passes', () => linesOf(working, 'done').length >= 3);
    assert.equal(linesOf(working, 'info').length, 1, 'idle passes are no news');
    assert.match(linesOf(working, 'info')[0] ?? '', /^info qw-run: reaped 2 sessions/);
    await killed(working.pid);
    here.nothingLeft();
  });
});
