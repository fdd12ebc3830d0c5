// The example server without its page (test/campaigns/browser has that): whatever is clicked, killed or configured, agents end with all
// they left, and the disk tells the same as the server.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { blocksOf } from '../helpers/documents.js';
import {
  AGENTS,
  ask,
  type ExampleServer,
  type ExampleState,
  startExample,
} from '../helpers/example-server.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { qwExec, qwTmp, repoRoot } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, killed, openOwnerless, openWith } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const startAll = async (server: ExampleServer): Promise<Record<string, string>> => {
  for (const { status } of await Promise.all(AGENTS.map((key) => server.post(`/api/agents/${key}/start`))))
    assert.equal(status, 200);
  await server.until('each agent left something', ({ agents }) =>
    agents.every(({ session }) => session && session.entries > 1),
  );
  return server.sessions();
};
const config = ({ box }: Scene, agent: object, more: object = {}): string => {
  const path = join(box.dir, 'config.json');
  writeFileSync(`${path}.new`, JSON.stringify({ projects: [{ id: 'p', agents: { a: agent } }], ...more }));
  renameSync(`${path}.new`, path); // it is read at any moment
  return path;
};
/** `launcher` of the configuration, as docs/quadwork.md shows it. */
const documented: { way: string; temp_root: string; scope: string[] } = JSON.parse(
  blocksOf('quadwork.md').find(({ text }) => text.includes('"launcher"'))?.text ?? '',
).launcher;
/** The page looks for these words. */
const GONE = /^no such session/;
/** Says in a file what it was given, then sleeps. */
const TELLS = 'echo "$IN_SCOPE $TMPDIR" > "$SAYS"; exec sleep 600';

/** Why a scope of a user's systemd cannot be had, or false. */
const noScopes = (): string | false => {
  const words = ['--user', '--scope', '--quiet', '--collect', 'true'];
  return spawnSync('systemd-run', words).status !== 0 && 'no systemd --user';
};
const isInactive = (unit: string): boolean =>
  spawnSync('systemctl', ['--user', 'is-active', '--quiet', `${unit}.scope`]).status !== 0;

/** The module with another package in the place of ours. */
function feedWith(exports: object) {
  const require = createRequire(import.meta.url);
  const [ours, feed] = [require.resolve('qw-run'), join(repoRoot, 'examples/quadwork/feed.cjs')];
  const before = require.cache[ours];
  require.cache[ours] = Object.assign(new Module(ours), { exports, loaded: true });
  const { createFeed } = require(feed);
  delete require.cache[feed];
  delete require.cache[ours];
  if (before) require.cache[ours] = before;
  return createFeed;
}

describe('the example server', { concurrency: 2 }, () => {
  test('quadwork: two of four agents stop with all they left, the other two are untouched', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    const sessions = await startAll(server);
    assert.deepEqual(ids(here.box).sort(), Object.values(sessions).sort());

    for (const key of ['docs/head', 'docs/dev']) {
      const { body } = await server.post(`/api/agents/${key}/stop`);
      assert.match(body, /"state":"stopped","note":"stopped; ended .+; TMPDIR removed"/);
    }

    const { 'shop/head': head, 'shop/dev': dev } = sessions;
    assert.deepEqual(await server.sessions(), { 'shop/head': head, 'shop/dev': dev });
    assert.deepEqual(here.box.left().sort(), [head, dev].sort());
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: restart renews one session, reset those of a project, full reset all', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    let before = await startAll(server);
    const renewed = async (path: string): Promise<string[]> => {
      assert.equal((await server.post(path)).status, 200);
      const now = await server.sessions();
      assert.deepEqual(ids(here.box).sort(), Object.values(now).sort(), 'no session besides');
      const changed = AGENTS.filter((key) => now[key] !== before[key]);
      before = now;
      return changed;
    };
    assert.deepEqual(await renewed('/api/agents/shop/head/start'), [], 'it runs already');
    assert.deepEqual(await renewed('/api/agents/shop/head/restart'), ['shop/head']);
    assert.deepEqual(await renewed('/api/agents/docs/reset'), ['docs/head', 'docs/dev']);
    const orphan = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    assert.deepEqual(await renewed('/api/full-reset'), AGENTS);
    assert.ok(!isAlive(orphan.agent), 'the pass of the reaper ended what nobody owned');
    assert.equal((await server.state()).reaper?.removed, 1);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: clicked however fast, an agent has one session at a time', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    const clicks = ['start', 'start', 'restart', 'stop', 'start', 'restart', 'start'];
    await Promise.all(clicks.map((action) => server.post(`/api/agents/shop/head/${action}`)));
    assert.equal(ids(here.box).length, 1);
    assert.deepEqual(Object.keys(await server.sessions()), ['shop/head']);
    assert.deepEqual(await server.post('/api/agents/shop/nobody/start'), {
      status: 404,
      body: '{"error":"no agent at /api/agents/shop/nobody/start"}',
    });
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: SIGKILLed and started again, it has no agents, and soon nothing is left of the old ones', async (t) => {
    const here = scene(t);
    const first = await startExample(here);
    await startAll(first);
    await killed(first.process.pid);
    const second = await startExample(here, { port: first.port });
    const { agents } = await second.state();
    assert.deepEqual(
      agents.map(({ key, state, session }) => ({ key, state, session })),
      AGENTS.map((key) => ({ key, state: 'stopped', session: null })),
    );
    await waitUntil('the disk is clean', () => here.box.left().length === 0);
    // What others did shows in its list a second later.
    await second.until('it says so', ({ others }) => others.length === 0);
    assert.deepEqual(here.processes(), [second.process.pid]);
    await second.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: what a dead server left without a watchdog is reaped at boot, and reported', async (t) => {
    const here = scene(t);
    const { agent } = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    const server = await startExample(here);
    await server.until('the report', ({ reaper }) => reaper?.removed === 1);
    assert.ok(!isAlive(agent));
    assert.match(server.process.stdout(), /^qw-run: reaped 1 sessions and 0 stale entries, \d+ bytes$/m);
    assert.deepEqual(here.box.left(), []);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: an agent that leaves by itself takes along what it left behind', async (t) => {
    const here = scene(t);
    const agent = { command: 'sh', args: ['-c', `${leftSleeping()} exit 3`] };
    const server = await startExample(here, { args: [config(here, agent)] });
    await server.post('/api/agents/p/a/start');
    const left = await server.until('it has left', ({ agents }) => agents.find(({ note }) => note !== ''));
    assert.equal(left.note, 'exit 3; ended sleep; TMPDIR removed');
    assert.deepEqual(here.box.left(), []);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: an agent that gets no session is not started, and the page is told why', async (t) => {
    const here = scene(t);
    const server = await startExample(here, { env: { QW_ROOT: join(here.box.dir, 'no/such/place') } });
    const { status, body } = await server.post('/api/agents/shop/head/start');
    assert.equal(status, 500);
    assert.match(body, /"state":"failed","note":"root \\"[^"]*no\/such\/place\\" cannot be used: .*mkdir -p/);
    assert.deepEqual(here.processes(), [server.process.pid]);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: a copy of a signal does not count, a second signal ends the grace period', async (t) => {
    const here = scene(t);
    const agent = { command: 'sh', args: ['-c', 'trap "" TERM; echo x > "$TMPDIR/x"; sleep 600; sleep 600'] };
    const args = [config(here, agent)];
    const ends = async (QW_GRACE: string, again: (server: ExampleServer) => Promise<unknown>) => {
      const server = await startExample(here, { args, env: { QW_GRACE } });
      await server.post('/api/agents/p/a/start');
      await server.until('the trap is set', ({ agents: [one] }) =>
        existsSync(join(one?.session?.tmpdir ?? '', 'x')),
      );
      const since = performance.now();
      // Not one and the same: the kernel would make one of two that nobody has taken yet.
      for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) kill(server.process.pid, signal);
      await again(server);
      assert.equal((await server.process.done).code, 0);
      await here.nothingLeftSoon(); // before exit(): the session, its processes
      return performance.now() - since;
    };
    const tookMs = await ends('800ms', async () => {});
    assert.ok(tookMs >= 800, `the copy ended the grace period after ${tookMs} ms`);
    await ends('10m', (server) =>
      waitUntil(
        'a further one counts',
        () => {
          kill(server.process.pid, 'SIGTERM');
          return !isAlive(server.process.pid);
        },
        { everyMs: 100 },
      ),
    );
  });

  test('quadwork: pages of others can neither click nor listen', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    const own = `http://127.0.0.1:${server.port}`;
    const socket = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
    const key = { 'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64') };
    const post = async (headers: Record<string, string>) =>
      (await server.post('/api/full-reset', headers)).status;
    const listen = async (headers: Record<string, string>) =>
      (await ask(server.port, 'GET', '/ws', { ...socket, ...key, ...headers })).status;
    for (const foreign of [
      { Origin: 'https://example.com' },
      { Origin: 'null' },
      { Origin: 'http://127.0.0.1:1' },
      { Host: 'rebound.example.com' },
      { Host: 'rebound.example.com', Origin: 'http://rebound.example.com' },
    ])
      assert.deepEqual([await post(foreign), await listen(foreign)], [403, 401], JSON.stringify(foreign));
    assert.deepEqual(await server.sessions(), {});
    assert.equal(await listen({ Origin: own }), 101);
    assert.equal(await post({ Origin: own }), 200);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: kill -9 with four agents, one deaf: three go, one is held until the server starts again', async (t) => {
    const here = scene(t);
    const first = await startExample(here);
    const { 'docs/dev': deaf } = await startAll(first);
    await killed(first.process.pid);
    await waitUntil('three are gone', () => here.box.left().length === 1);
    assert.deepEqual(here.box.left(), [deaf]);
    const { sessions } = JSON.parse((await run(qwTmp, ['list', '--json'], here.options)).stdout);
    assert.deepEqual(
      sessions.map(({ state }: { state: string }) => state),
      ['held'],
    );
    const second = await startExample(here, { port: first.port });
    await waitUntil('it is gone too', () => here.box.left().length === 0);
    await second.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: callers that do not wait hear of the state, and all is done in its turn', async (t) => {
    const here = scene(t);
    const butler = { command: 'sh', args: ['-c', 'exec sleep 600'] };
    const server = await startExample(here, { args: [config(here, butler, { butler })] });
    const said = async (action: string) => JSON.parse((await server.post(`/api/butler/${action}`)).body);
    assert.equal((await said('start')).key, 'butler');
    const butlerIn = ({ agents }: ExampleState, state: string) =>
      agents.find((one) => one.key === 'butler' && one.state === state);
    await server.until('it runs', (all) => butlerIn(all, 'running'));
    const before = (await server.sessions())['butler'];
    await Promise.all(['stop', 'start', 'stop', 'start', 'start'].map(said));
    await server.until('it is another one', (all) => {
      const now = butlerIn(all, 'running')?.session?.id;
      return now !== undefined && now !== before;
    });
    assert.equal(ids(here.box).length, 1);
    await said('stop');
    await server.until('it has stopped', (all) => butlerIn(all, 'stopped'));
    assert.deepEqual(here.box.left(), []);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: settings hold as they are now', async (t) => {
    const here = scene(t);
    const agent = { command: 'sleep', args: ['600'] };
    const set = (enabled: boolean) => config(here, agent, { temp_cleanup: { enabled } });
    const server = await startExample(here, { args: [set(false)] });
    const { agent: lost, id } = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    assert.equal((await server.post('/api/full-reset')).status, 200);
    assert.ok(isAlive(lost) && here.box.left().includes(id));
    set(true);
    assert.equal((await server.post('/api/full-reset')).status, 200);
    assert.ok(!isAlive(lost) && !here.box.left().includes(id));
    await server.shut();
    await here.nothingLeftSoon();
  });

  for (const [way, place] of [
    ['scope', /^qw\/[a-z0-9]{8}\/tmp$/],
    ['profile', /^g-\w{6}$/],
  ] as const)
    test(`quadwork: 2.7 on Linux, by ${way}: below the launcher’s temp root, and gone with the agent`, async (t) => {
      const here = scene(t);
      const temp_root = join(here.box.dir, 'q');
      mkdirSync(temp_root, { mode: 0o700 });
      const says = join(here.box.dir, 'says');
      const agent = { command: 'sh', args: ['-c', TELLS], env: { SAYS: says } };
      const launcher = { way, temp_root, scope: ['env', 'IN_SCOPE=yes'] };
      const server = await startExample(here, { args: [config(here, agent, { launcher })] });
      await server.post('/api/agents/p/a/start');
      const [inScope, tmpdir = ''] = await waitUntil('it says where it is', () => {
        const text = existsSync(says) ? readFileSync(says, 'utf8') : '';
        return text.endsWith('\n') ? text.trim().split(' ') : undefined;
      });
      assert.equal(inScope, 'yes');
      assert.match(tmpdir.slice(temp_root.length + 1), place);
      const { agents } = await server.state();
      assert.equal(agents[0]?.session?.state, way === 'scope' ? 'live' : 'not listed');
      const { body } = await server.post('/api/agents/p/a/stop');
      const [{ state, note, cleanup_errors }] = JSON.parse(body);
      assert.deepEqual([state, cleanup_errors], ['stopped', []], body);
      assert.match(
        note,
        way === 'scope' ? /^stopped; ended .*; TMPDIR removed$/ : /^stopped; TMPDIR removed$/,
      );
      assert.ok(!existsSync(tmpdir));
      const left = readdirSync(temp_root, { recursive: true }).filter((name) => /\w{8}$|g-/.test(`${name}`));
      assert.deepEqual(left, []);
      await server.shut();
      await here.nothingLeftSoon();
    });

  test('quadwork: 2.7 on Linux, in a real scope: it becomes the agent, and vanishes with it', {
    skip: noScopes(),
  }, async (t) => {
    const here = scene(t);
    const temp_root = join(here.box.dir, 'q');
    mkdirSync(temp_root, { mode: 0o700 });
    const says = join(here.box.dir, 'says');
    const script =
      'setsid sleep 600 & echo $(tail -n 1 /proc/self/cgroup) "$TMPDIR" > "$SAYS"; exec sleep 600';
    const agent = { command: 'sh', args: ['-c', script], env: { SAYS: says } };
    const unit = `qw-test-${process.pid}`;
    const scope = [...documented.scope.slice(0, -1), `--unit=${unit}`, '--'];
    const launcher = { ...documented, temp_root, scope };
    const server = await startExample(here, { args: [config(here, agent, { launcher })] });
    await server.post('/api/agents/p/a/start');
    const [cgroup = '', tmpdir = ''] = await waitUntil('it says where it is', () => {
      const text = existsSync(says) ? readFileSync(says, 'utf8') : '';
      return text.endsWith('\n') ? text.trim().split(' ') : undefined;
    });
    assert.ok(cgroup.endsWith(`/${unit}.scope`), cgroup);
    assert.match(tmpdir.slice(temp_root.length + 1), /^qw\/[a-z0-9]{8}\/tmp$/);
    const { body } = await server.post('/api/agents/p/a/stop');
    const [{ state, note, cleanup_errors }] = JSON.parse(body);
    assert.deepEqual([state, cleanup_errors], ['stopped', []], body);
    assert.match(note, /ended sleep ×2; TMPDIR removed$/);
    await waitUntil('the scope is gone', () => isInactive(unit));
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: a launcher that sets TMPDIR again is a cleanup error', async (t) => {
    const here = scene(t);
    const temp_root = join(here.box.dir, 'q');
    mkdirSync(temp_root, { mode: 0o700 });
    const agent = { command: 'sleep', args: ['600'] };
    const launcher = { way: 'scope', temp_root, scope: ['env', 'TMPDIR=/var/tmp'] };
    const server = await startExample(here, { args: [config(here, agent, { launcher })] });
    await server.post('/api/agents/p/a/start');
    await server.until('it is noticed', ({ agents }) =>
      agents.some(({ session }) => session && session.warnings.length > 0),
    );
    const { body } = await server.post('/api/agents/p/a/stop');
    assert.match(JSON.parse(body)[0].cleanup_errors.join(), /TMPDIR is \/var\/tmp, not /);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: another session is deleted unless it is in use, an agent’s own is not', async (t) => {
    const here = scene(t);
    const agent = { command: 'sleep', args: ['600'] };
    const args = [config(here, agent, { temp_cleanup: { enabled: false } })];
    const { agent: lost, id } = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    const server = await startExample(here, { args });
    const remove = async (path: string) => {
      const { status, body } = await ask(server.port, 'DELETE', `/api/sessions/${path}`);
      return { status, ...JSON.parse(body) };
    };
    await server.post('/api/agents/p/a/start');
    const { 'p/a': own = '' } = await server.sessions();
    assert.deepEqual(await remove(`${own}?force=yes`), {
      status: 409,
      error: 'stop p/a: its session goes with it',
    });
    assert.equal((await remove('..%2Fx')).status, 400);
    assert.deepEqual((await remove(id)).removed, []);
    assert.ok(isAlive(lost));
    assert.deepEqual((await remove(`${id}?force=yes`)).removed, [id]);
    assert.ok(!isAlive(lost));
    const again = await remove(id);
    assert.equal(again.status, 404);
    assert.match(again.failed[0].reason, GONE);
    const other = await openWith(here, [], 'echo "ready $$ "; exec sleep 600');
    const refused = { status: 409, error: `${other.id} is live: its owner ends it` };
    assert.deepEqual(await remove(`${other.id}?force=yes`), refused);
    assert.ok(isAlive(other.agent));
    kill(other.wrapper.pid, 'SIGTERM');
    await other.wrapper.done;
    assert.deepEqual(ids(here.box), [own]);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: a start without a session is told as that', async (t) => {
    const here = scene(t);
    await run(qwExec, ['true'], { ...here.options, env: { ...here.options.env, QW_ROOT: '/proc/x' } });
    const server = await startExample(here);
    const [receipt] = (await server.state()).receipts;
    assert.match(receipt?.text ?? '', /^no session: root .*; the command ran without one$/);
    await server.shut();
    await here.nothingLeftSoon();
  });

  test('quadwork: receipts that cannot be read hide nothing else', async (t) => {
    const headroom = [{ root: '/r' }];
    const createFeed = feedWith({
      listSessions: async () => ({ sessions: [], headroom }),
      readReceipts: () => Promise.reject(new Error('no helper')),
    });
    const warn = t.mock.method(console, 'warn', () => {});
    const state = await createFeed({ agents: () => [] }).look();
    assert.deepEqual([state.headroom, state.receipts], [headroom, []]);
    assert.deepEqual(warn.mock.calls[0]?.arguments, ['cannot read receipts: no helper']);
  });

  test('quadwork: a full disk is said while the agent runs', async () => {
    const { createAgents } = createRequire(import.meta.url)(join(repoRoot, 'examples/quadwork/agents.cjs'));
    const pressure = new EventEmitter();
    const onPressure = (listener: () => void) => pressure.on('pressure', listener);
    const session = { id: 'x', warnings: [], onPressure };
    const term = { onData() {}, onExit() {} };
    const nothing = () => {};
    const agents = createAgents([{ key: 'p/a' }], {
      launch: async () => ({ session, term }),
      onChange: nothing,
      onOutput: nothing,
    });
    const [agent] = agents.list;
    await agents.start(agent);
    pressure.emit('pressure', { code: 'EDQUOT' });
    assert.deepEqual([agent.state, agent.note], ['running', 'the file system is full (EDQUOT)']);
  });

  test('quadwork: with a TMPDIR of its own an agent nests below it, where that is short enough', async (t) => {
    const here = scene(t);
    const { QW_ROOT: _unset, ...env } = here.options.env;
    const short = join(here.box.dir, 'g1');
    const long = join(here.box.dir, 'generation-0b5ad8a8-0000-4000-8000-000000000000');
    for (const [TMPDIR, isNested] of [
      [short, true],
      [long, false],
    ] as const) {
      mkdirSync(TMPDIR, { mode: 0o700 });
      const agent = { command: 'sleep', args: ['600'], env: { TMPDIR } };
      const server = await startExample(
        { ...here, options: { ...here.options, env } },
        { args: [config(here, agent)] },
      );
      await server.post('/api/agents/p/a/start');
      const { tmpdir = '' } = (await server.state()).agents[0]?.session ?? {};
      assert.equal(tmpdir.startsWith(`${TMPDIR}/qw-${process.getuid?.()}/`), isNested, tmpdir);
      await server.shut();
      assert.ok(existsSync(TMPDIR) && !existsSync(tmpdir));
    }
  });
});
