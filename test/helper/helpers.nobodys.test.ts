// A helper belongs to its server alone: to no session, and what it has open in one holds none. Where the server belongs to a
// session, so does its helper.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from '../helpers/cli.js';
import { helperOf, holdHelpers } from '../helpers/helper-process.js';
import { watchdogOf } from '../helpers/owners.js';
import { qwRun, repoRoot } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { killed, put } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

test('it has nothing of a session, and nothing open but its pipes', async (t) => {
  const here = scene(t);
  const run = server(here, `reaper({ onReport: () => say('done') }); setInterval(() => {}, 60_000);`);
  await run.says('done\n');
  const pid = await helperOf(run.pid);
  const environ = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  assert.deepEqual(
    environ.filter((item) => /^(TMPDIR|QW_(?!WORKTREES)|NODE_OPTIONS|HOME|TEST_MARK)/.test(item)),
    [],
  );
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  assert.deepEqual(
    open.filter((path) => path.startsWith('/') && path !== '/dev/null'),
    [],
  );
  await killed(run.pid);
});

test('in Electron our programs are told to be node, not the app', async (t) => {
  const here = scene(t);
  const preload = put(
    join(here.box.dir, 'electron.cjs'),
    `Object.defineProperty(process.versions, 'electron', { value: '38.0.0' });`,
  );
  const script = `const session = await qw.openSession({ backend: 'generic' });
    await qw.listSessions();
    process.once('SIGUSR2', () => session.end().then(() => process.exit()));
    say('ready');
    setInterval(() => {}, 60_000);`;
  const run = server(here, script, {}, ['--require', preload]);
  await run.says('ready\n');
  for (const pid of [await helperOf(run.pid), await watchdogOf(run.pid)])
    assert.ok(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes('ELECTRON_RUN_AS_NODE=1'));
  run.child.kill('SIGUSR2');
  assert.equal((await run.done).code, 0);
  await here.nothingLeftSoon();
});

test('sessions of a server end while its helper lists them', async (t) => {
  const here = scene(t);
  const script = `let isOver = false;
    const lists = (async () => { while (!isOver) await qw.listSessions({ maxAge: 4e6 + (Math.random() * 1e6 | 0) }); })();
    const states = [];
    for (let at = 0; at < 20; at += 1) {
      const session = await qw.openSession({ backend: 'generic' });
      states.push((await session.end()).state);
    }
    isOver = true;
    await lists;
    say(new Set(states).size, states[0]);`;
  const { stdout, stderr } = await server(here, script).done;
  assert.deepEqual([stdout, stderr], ['1 removed\n', '']);
});

test('a server that an agent started is ended with the session, its helper too', async (t) => {
  const here = scene(t);
  const held = holdHelpers(t, here);
  const script = `import('qw-run').then((qw) => { qw.startReaper({ legacy: false, every: '1s' });
    setInterval(() => {}, 60000); console.log('server ' + process.pid + ' '); });`;
  const agent = `cd ${quoted(repoRoot)} && setsid ${quoted(process.execPath, ...held.flags)} -e "$SCRIPT" & read go`;
  const env = { ...here.options.env, ...held.env, SCRIPT: script };
  const options = { cwd: here.options.cwd, env, stdio: ['pipe', 'pipe', 'pipe'] as never };
  const wrapper = start(qwRun, ['sh', '-c', agent], options);
  const pid = Number(/server (\d+) /.exec(await wrapper.says(/server \d+ /))?.[1]);
  const helper = await held.isHeld(); // in the middle of work
  wrapper.child.stdin?.end('\n');
  assert.equal((await wrapper.done).code, 0);
  for (const one of [pid, helper]) await waitUntil(`${one} is gone`, () => !isAlive(one));
  held.release();
  await here.nothingLeftSoon();
  assert.deepEqual(
    readdirSync(join(here.box.root)).filter((name) => /^\w{8}$/.test(name)),
    [],
  );
});
