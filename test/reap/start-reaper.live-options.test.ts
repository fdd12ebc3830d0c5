// Options of a server's reaper that are a function: what it says now holds for the next pass, and `enabled: false` for one that
// runs, too. And the first pass can be waited for.
import assert from 'node:assert/strict';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { kill } from '../helpers/processes.js';
import { deadOwner, forge, killed, leaseOf, put } from '../helpers/reaping.js';
import { linesOf, server } from '../helpers/reaping-server.js';
import { type Scene, scene } from '../helpers/scene.js';
import { slowRm } from '../helpers/slow-rm.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAY = 'setInterval(() => {}, 60_000);';
const orphan = ({ box }: Scene, id: string) => forge(box, id, { lease: leaseOf(id, { owner: deadOwner() }) });
/** Settings in a file, read anew each time. */
const LIVE = `const { existsSync, readFileSync } = await import('node:fs');
  const live = () => ({ every: '1s', onReport: (r) => say('report', ids(r)), logger: console,
    ...JSON.parse(readFileSync(process.env.SETTINGS, 'utf8')) });`;
const settings = ({ box }: Scene) => {
  const path = join(box.dir, 'settings.json');
  const set = (options: object) => {
    writeFileSync(`${path}.new`, JSON.stringify(options));
    renameSync(`${path}.new`, path); // it is read at any moment
  };
  set({});
  return { set, env: { SETTINGS: path } };
};

describe('startReaper(() => options)', { concurrency: 2 }, () => {
  test('reads them before each pass: not enabled it takes nothing, enabled again it does', async (t) => {
    const here = scene(t);
    const { set, env } = settings(here);
    set({ enabled: false });
    orphan(here, 'dead0001');
    const run = server(
      here,
      `${LIVE} reaper(live); reaper({ every: '1s', root: '/no/such/root', onReport: () => say('tick') }); ${STAY}`,
      env,
    );
    await waitUntil('some time goes by', () => linesOf(run, 'tick').length >= 3);
    assert.deepEqual([here.box.left(), linesOf(run, 'report')], [['dead0001'], []]);
    set({});
    await run.says('report dead0001\n');
    set({ enabled: false });
    const seen = linesOf(run, 'tick').length;
    await waitUntil('some time goes by', () => linesOf(run, 'tick').length >= seen + 3);
    orphan(here, 'dead0002');
    const then = linesOf(run, 'tick').length;
    await waitUntil('some time goes by', () => linesOf(run, 'tick').length >= then + 3);
    assert.deepEqual(here.box.left(), ['dead0002']);
    assert.equal(run.stderr(), '');
    await killed(run.pid);
  });

  test('one that throws, or says what cannot be meant, is a warning later and an error at the start', async (t) => {
    const here = scene(t);
    const { set, env } = settings(here);
    const run = server(here, `${LIVE} reaper(live); ${STAY}`, env);
    await run.says('report \n');
    set({ maxage: '1h' });
    await waitUntil('the logger hears it', () =>
      /the reaper failed: startReaper\(\) has no option "maxage"; did you mean maxAge/.test(run.stderr()),
    );
    set({});
    orphan(here, 'dead0001');
    await run.says('report dead0001\n');
    await killed(run.pid);
    for (const wrong of [
      "() => ({ every: 'soon' })",
      "() => { throw new Error('soon') }",
      'async () => ({})',
    ]) {
      const { code, stderr } = await server(here, `qw.startReaper(${wrong}); ${STAY}`).done;
      assert.equal(code, 1);
      assert.match(stderr, /soon|promise/);
    }
  });

  test('`enabled: false` stops a pass that runs: what is not removed yet stays, whole and in its place', async (t) => {
    const here = scene(t);
    const { set, env } = settings(here);
    for (const id of ['dead0001', 'dead0002', 'dead0003'])
      put(join(orphan(here, id).tmpdir, 'big'), 'x'.repeat(2 ** 21)); // too large for a removal by the way
    const slow = slowRm(here);
    const script = `${LIVE} reaper(() => { const now = live(); if (now.enabled === false) say('off'); return now; });
      process.on('SIGUSR2', () => qw.listSessions().then(() => say('listed'))); ${STAY}`;
    const run = server(here, script, { ...env, ...slow.env });
    await slow.isRunning();
    set({ enabled: false });
    await run.says('off\n');
    kill(run.pid, 'SIGUSR2'); // what is asked later is answered later: the helper knows by then
    await run.says('listed\n');
    slow.release();
    const [report = ''] = /^report .*/m.exec(await run.says(/^report .*\n/m)) ?? [];
    const gone = report.slice('report '.length);
    assert.deepEqual([gone, ...here.box.left()].sort(), ['dead0001', 'dead0002', 'dead0003']);
    for (const id of here.box.left()) assert.ok(existsSync(join(here.box.root, id, 'tmp/big')), id);
    await killed(run.pid);
  });
});

describe('reaper.first', { concurrency: 2 }, () => {
  test('is the report of the pass at the start, and keeps the process alive for who awaits it', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const script = `const { first } = reaper({ every: '1h' }); say('first', ids(await first));`;
    const { code, stdout, stderr } = await server(here, script).done;
    assert.deepEqual([code, stdout, stderr], [0, 'first dead1234\n', '']);
    await here.nothingLeftSoon();
  });

  test('is undefined where there was none: not enabled, stopped, failed; and nobody has to hear it', async (t) => {
    const here = scene(t);
    const script = `const off = reaper({ enabled: false }); const stopped = reaper(); stopped.stop();
      const later = reaper(() => ({ enabled: false }));
      say(await off.first, await stopped.first, await later.first);
      const logger = { info() {}, warn: () => say('warned') };
      let calls = 0;
      say(await reaper(() => { calls += 1; if (calls > 2) throw new Error('x'); return { logger }; }).first);`;
    const { code, stdout, stderr } = await server(here, script).done;
    assert.deepEqual([code, stdout, stderr], [0, 'undefined undefined undefined\nwarned\nundefined\n', '']);
    await here.nothingLeftSoon();
  });
});
