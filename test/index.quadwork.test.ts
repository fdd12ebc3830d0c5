// The main customer: a CommonJS server with agents in pseudo-terminals. Whatever it stops, restarts or dies of: agents end
// with everything they started, their TMPDIR goes, and nobody touches another session.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isAlive, kill } from './helpers/processes.js';
import { killed } from './helpers/reaping.js';
import { scene } from './helpers/scene.js';
import { type Server, startServer, type Tab } from './helpers/server.js';
import { waitUntil } from './helpers/wait-until.js';

const AGENT = 'echo work > "$TMPDIR/work"; echo "ready $$ "; exec sleep 600';
/** One stays in the group, one leaves it and ignores the hangup. */
const CHILDREN = 'sleep 601 & echo "child $! "; (trap "" HUP; exec setsid sleep 602) & echo "child $! "';
const FAMILY = `${CHILDREN}; echo work > "$TMPDIR/work"; echo "ready $$ "; wait`;
/** One leaves its environment, TMPDIR included. */
const STRANGERS = `env -i TEST_MARK="$TEST_MARK" PATH="$PATH" setsid sleep 603 & echo "child $! "; ${FAMILY}`;

const ready = async (tab: Tab): Promise<Tab> => {
  assert.equal(Number((await tab.says(/ready (\d+) /))[1]), tab.pid);
  return tab;
};
const childrenOf = (tab: Tab) => [...tab.output().matchAll(/child (\d+) /g)].map(([, pid]) => Number(pid));
const shut = async ({ process: { child, done } }: Server) => {
  child.kill('SIGTERM');
  assert.deepEqual(await done.then(({ code, signal, stderr }) => ({ code, signal, stderr })), {
    code: null,
    signal: 'SIGTERM',
    stderr: '',
  });
};

describe('a server with agents in pseudo-terminals', { concurrency: 2 }, () => {
  test('session.end() ends the agent and everything it started, and removes TMPDIR', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const tab = await ready(await server.open(STRANGERS));
    const family = [tab.pid, ...childrenOf(tab)];
    assert.equal(family.length, 4);
    assert.deepEqual(family.filter(isAlive), family);
    assert.equal(readFileSync(join(tab.tmpdir, 'work'), 'utf8'), 'work\n');

    const { id, state, ended, left, failed } = await tab.stop();

    assert.deepEqual({ id, state, left, failed }, { id: tab.id, state: 'removed', left: [], failed: [] });
    assert.deepEqual(ended.map(({ pid }) => pid).sort(), family.sort());
    assert.deepEqual(family.filter(isAlive), []);
    assert.deepEqual(here.box.left(), []);
    await shut(server);
    await here.nothingLeftSoon();
  });

  test('an agent that leaves by itself takes along what it left behind', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const tab = await server.open(
      'setsid sleep 602 & echo "child $! "; until [ -e "$TMPDIR/go" ]; do sleep 0.05; done; exit 3',
    );
    const child = Number((await tab.says(/child (\d+) /))[1]);
    await waitUntil('it left the agent', () => readFileSync(`/proc/${child}/comm`, 'utf8') === 'sleep\n');
    writeFileSync(join(tab.tmpdir, 'go'), '');
    await waitUntil('the session has ended', () => server.exits().length > 0);
    assert.deepEqual(
      server.exits().map(({ id, state, ended }) => ({ id, state, ended: ended.map((one) => one.pid) })),
      [{ id: tab.id, state: 'removed', ended: [child] }],
    );
    assert.ok(!isAlive(child));
    assert.deepEqual(here.box.left(), []);
    await shut(server);
    await here.nothingLeftSoon();
  });

  test('ten sessions at once do not mix, and ending one leaves nine untouched', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const script = 'echo "$QW_SESSION" > "$TMPDIR/me"; echo "ready $$ "; exec sleep 600';
    const tabs = await Promise.all(Array.from({ length: 10 }, async () => ready(await server.open(script))));
    for (const key of ['id', 'tmpdir', 'pid'] as const)
      assert.equal(new Set(tabs.map((tab) => tab[key])).size, 10);
    const untouched = (tab: Tab) => {
      assert.ok(isAlive(tab.pid));
      assert.deepEqual(readdirSync(tab.tmpdir), ['me']);
      assert.equal(readFileSync(join(tab.tmpdir, 'me'), 'utf8'), `${tab.id}\n`);
    };
    for (const tab of tabs) untouched(tab);
    const [first, ...others] = tabs as [Tab, ...Tab[]];

    const { state, ended } = await first.stop();

    assert.deepEqual({ state, ended: ended.map(({ pid }) => pid) }, { state: 'removed', ended: [first.pid] });
    assert.ok(!existsSync(first.tmpdir) && !isAlive(first.pid));
    for (const tab of others) untouched(tab);
    assert.deepEqual(here.box.left().sort(), others.map(({ id }) => id).sort());
    for (const report of await Promise.all(others.map((tab) => tab.stop())))
      assert.equal(report.state, 'removed');
    assert.deepEqual(here.box.left(), []);
    await shut(server);
    await here.nothingLeftSoon();
  });

  test('a server that is SIGKILLed leaves nothing: its terminals close, its agents hang up', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const tabs: Tab[] = [];
    for (const script of [FAMILY, AGENT, FAMILY]) tabs.push(await ready(await server.open(script)));
    await killed(server.process.pid);
    await waitUntil('the agents are gone', () => !tabs.some(({ pid }) => isAlive(pid)));
    await here.nothingLeftSoon();
  });

  test('after that, a session is held as long as its agent lives, and goes with it', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const held = await ready(await server.open(`trap "" HUP; ${AGENT}`));
    const gone = await ready(await server.open(AGENT));
    await killed(server.process.pid);
    await waitUntil('the watchdog removes the other one', () => here.box.left().join() === held.id);
    assert.ok(!isAlive(gone.pid) && !existsSync(gone.tmpdir));
    assert.ok(isAlive(held.pid) && existsSync(join(held.tmpdir, 'work')));
    await killed(held.pid);
    await here.nothingLeftSoon();
  });

  test('stop, restart and reset, again and again: each start is a new session, each stop leaves nothing', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const seen = new Set<string>();
    for (let round = 1; round <= 3; round += 1) {
      const tabs = await Promise.all([1, 2].map(async () => ready(await server.open(FAMILY))));
      for (const { id } of tabs) assert.ok(!seen.has(id) && seen.add(id), 'an id is never used twice');
      for (const { id, state } of await Promise.all(tabs.map((tab) => tab.stop())))
        assert.equal(state, 'removed', id);
      assert.deepEqual(here.box.left(), []);
      assert.deepEqual(tabs.flatMap((tab) => [tab.pid, ...childrenOf(tab)]).filter(isAlive), []);
    }
    await shut(server);
    await here.nothingLeftSoon();
  });

  test('a server that is terminated ends its agents on the way out', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    await Promise.all([1, 2].map(async () => ready(await server.open(AGENT))));
    kill(server.process.pid, 'SIGTERM');
    assert.equal((await server.process.done).signal, 'SIGTERM');
    await here.nothingLeftSoon();
  });
});
