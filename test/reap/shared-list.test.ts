// A page may ask for the list every second: who asks at the same time shares one answer, which is kept for a second.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { helpersOf } from '../helpers/helper-process.js';
import { fixture } from '../helpers/paths.js';
import { forge, leaseOf } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';

test('ten thousand questions start one process, the helper, and share what it says', async (t) => {
  const here = scene(t);
  for (const id of ['dead0001', 'dead0002']) forge(here.box, id, { lease: leaseOf(id) });
  const spawns = join(here.box.dir, 'spawns');
  const script = `const all = await Promise.all(Array.from({ length: 10_000 }, () => qw.listSessions()));
    const [one] = all[0].sessions;
    say('shared', all.every(({ sessions }) => sessions.length === 2 && sessions.includes(one)));
    all[0].sessions.length = 0;
    say('own arrays', all[1].sessions.length);
    const change = (what, key) => { try { what[key] = 'mine'; say('changed', key); } catch { say('frozen', key); } };
    change(one, 'label');
    change(one.owner, 'pid');
    change(all[1].headroom[0], 'root');
    const other = await qw.listSessions({ maxAge: '2d' });
    say('other options', other.sessions.includes(one));`;
  const run = server(here, script, { SPAWNS: spawns }, ['--require', fixture('log-spawns.cjs')]);
  const { code, stdout, stderr } = await run.done;
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    'shared true\nown arrays 2\nfrozen label\nfrozen pid\nfrozen root\nother options false\n',
  );
  assert.equal(readFileSync(spawns, 'utf8'), 'qw-helper.cjs\n');
});

test('what this process reaped is not in its next list', async (t) => {
  const here = scene(t);
  forge(here.box, 'dead0001', { lease: leaseOf('dead0001') });
  const script = `const count = async () => (await qw.listSessions()).sessions.length;
    say('before', await count());
    say('removed', (await qw.reap()).removed.length, 'after', await count());`;
  const { code, stdout, stderr } = await server(here, script).done;
  assert.deepEqual([code, stdout, stderr], [0, 'before 1\nremoved 1 after 0\n', '']);
});

test('what this process did is in its next list, what others did within a second', async (t) => {
  const here = scene(t);
  const script = `const { spawn } = await import('node:child_process');
    const states = async () =>
      (await qw.listSessions()).sessions.map(({ id, agent, state }) => [id, agent?.pid, state].join()).join(' ');
    say('none:' + (await states()));
    const session = await qw.openSession({ backend: 'generic', watchdog: false });
    const told = async (text) => say(text, (await states()) === text.replace('ID', session.id));
    await told('ID,,live');
    const { pid } = spawn('sleep', ['600'], { env: session.env(), stdio: 'ignore' });
    session.adopt(pid);
    await told('ID,' + pid + ',live');
    await session.end({ keep: true });
    say('kept', (await states()).endsWith('kept'));
    process.once('SIGUSR2', async () => {
      while ((await states()).includes(session.id)) await new Promise((resolve) => setTimeout(resolve, 50));
      say('gone');
      process.exit();
    });
    say('session', session.dir);
    setInterval(() => {}, 60_000);`;
  const run = server(here, script);
  const [, dir = ''] = /^session (.*)$/m.exec(await run.says(/^session .*\n/m)) ?? [];
  rmSync(dir, { recursive: true });
  assert.equal(helpersOf(run.pid).length, 1);
  run.child.kill('SIGUSR2');
  const { stdout, stderr } = await run.done;
  assert.equal(stderr, '');
  assert.doesNotMatch(stdout, /false/);
  assert.match(stdout, /^gone$/m);
});
