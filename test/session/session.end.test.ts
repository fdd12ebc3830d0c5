// session.end() ends all processes of the session and nobody else, removes its directory, and says whom it ended.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { EndOptions } from 'qw-run';
import { deafNotes } from '../helpers/deaf.js';
import { agentIn, opened } from '../helpers/opened.js';
import { fixture } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'setsid sleep 600 & echo "ready $!"; exec sleep 600';

const DEAF = `echo ready; trap '' TERM; exec ${quoted(process.execPath, fixture('ignore-ending-signals.mjs'))}`;

describe('session.end()', { concurrency: 2 }, () => {
  test('without any process: the directory goes, however full', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    for (let index = 0; index < 50; index += 1) put(join(session.tmpdir, `d${index % 5}/e/file ${index}\n`));
    const { id, tmpdir } = session;
    const { largest, ...report } = await session.end();
    const nothing = { ended: [], left: [], runsOn: [], failed: [], work: [] };
    assert.deepEqual(report, { id, tmpdir, state: 'removed', ...nothing });
    assert.equal(largest.length, 3);
    here.nothingLeft();
  });

  test('where TMPDIR, or all of it, is gone already: removed', async (t) => {
    const here = scene(t);
    for (const path of ['tmpdir', 'dir'] as const) {
      const session = await opened(t, here);
      rmSync(session[path], { recursive: true });
      const { state, failed } = await session.end();
      assert.deepEqual({ state, failed }, { state: 'removed', failed: [] });
    }
    here.nothingLeft();
  });

  test('refuses an exit that no agent had, before anything has begun', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const wrong: unknown[] = [
      { exitCode: 0, signal: 15 },
      { code: null, signal: 15 },
      { code: 'a', signal: null },
      'x',
      {},
    ];
    for (const exit of wrong)
      await assert.rejects(async () => session.end({ exit } as EndOptions), { code: 'ERR_QW_USAGE' });
    assert.ok(existsSync(session.env()['TMPDIR'] as string));
    const { state } = await session.end({ exit: { code: null, signal: 'SIGTERM' } });
    assert.equal(state, 'removed');
  });

  test('ends the agent and what it left behind, by name, and nobody else', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const other = await opened(t, here);
    const { pid, said } = await agentIn(here, session, AGENT);
    const neighbour = await agentIn(here, other, AGENT);
    const survivor = Number(/ready (\d+)/.exec(said())?.[1]);
    await waitUntil('it has its name', () => readFileSync(`/proc/${survivor}/comm`, 'utf8') === 'sleep\n');
    await waitUntil('so has the agent', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
    const { state, ended, left } = await session.end();
    const byPid = ended.sort((a, b) => a.pid - b.pid);
    assert.deepEqual(
      byPid.map(({ pid: one, name }) => [one, name]),
      [pid, survivor].sort((a, b) => a - b).map((one) => [one, 'sleep']),
    );
    assert.deepEqual({ state, left }, { state: 'removed', left: [] });
    assert.ok(!isAlive(pid) && !isAlive(survivor));
    assert.ok(isAlive(neighbour.pid) && existsSync(other.tmpdir));
    assert.deepEqual(here.box.left(), [other.id]);
  });

  test('ends members that nobody adopted', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const { pid } = await agentIn(here, session, 'echo ready; exec sleep 600', { adopts: false });
    assert.deepEqual(
      (await session.end()).ended.map((one) => one.pid),
      [pid],
    );
    here.nothingLeft();
  });

  test('kills what ignores SIGTERM after the grace period, or at once in a hurry', async (t) => {
    const here = scene(t);
    for (const [grace, hurry] of [
      ['300ms', undefined],
      ['1h', AbortSignal.abort()],
    ] as const) {
      const session = await opened(t, here, { grace });
      assert.equal(session.graceMs, grace === '1h' ? 3_600_000 : 300);
      const { pid } = await agentIn(here, session, DEAF);
      const { state, ended } = await session.end(hurry ? { hurry } : {});
      assert.deepEqual([state, ended.map((one) => one.pid)], ['removed', [pid]]);
    }
    here.nothingLeft();
  });

  test('`end({ grace })` outweighs what the session was opened with', async (t) => {
    const here = scene(t);
    const session = await opened(t, here, { grace: '1h' });
    const { pid } = await agentIn(here, session, DEAF);
    const { state, ended } = await session.end({ grace: '300ms' });
    assert.deepEqual([state, ended.map((one) => one.pid)], ['removed', [pid]]);
    here.nothingLeft();
  });

  test('stops at the same time cost one grace period: all deaf agents are asked before one is killed', async (t) => {
    const here = scene(t);
    const { notes, script } = deafNotes(here);
    const sessions = await Promise.all(Array.from({ length: 4 }, () => opened(t, here)));
    for (const session of sessions) await agentIn(here, session, `${script}`);
    // None is killed before the hurry, however long it takes to ask them.
    const hurry = new AbortController();
    const options = { grace: '1h', hurry: hurry.signal };
    const ends = Promise.all(sessions.map((session) => session.end(options)));
    await waitUntil('all are asked', () => !notes().includes('never'));
    hurry.abort();
    const reports = await ends;
    assert.deepEqual(
      reports.map(({ state }) => state),
      sessions.map(() => 'removed'),
    );
    assert.deepEqual(
      notes(),
      sessions.map(() => 'all'),
    );
    here.nothingLeft();
  });

  test('twice, at once or later, is the same promise; `await using` waits for it too', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const first = session.end();
    assert.equal(session.end({ keep: true }), first);
    const report = await first;
    assert.equal(session.end(), first);
    assert.equal(report.state, 'removed');
    const other = await opened(t, here);
    assert.equal(await other[Symbol.asyncDispose](), undefined);
    here.nothingLeft();
  });
});
