// The locks that the watchdog's shell holds while it watches: for whom they speak, how long, and that nobody inherits them.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { childrenOf, run } from '../helpers/cli.js';
import { leaseIn } from '../helpers/leases.js';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { heldBy, lockOf, noFlock, openIn, SELDOM } from '../helpers/locks.js';
import { INNER } from '../helpers/nested.js';
import { agentIn, opened } from '../helpers/opened.js';
import { watchdogOf } from '../helpers/owners.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive, kill, stateOf } from '../helpers/processes.js';
import { killed, openWith, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const WATCHDOG = join(dirname(qwRun), 'qw-watchdog.sh');
const NAME = '.lock-1-2-3';
const AGENT = 'echo "ready $$ "';
const STAYS = `${AGENT}; exec sleep 600 >/dev/null 2>&1`;

/** The lock's path, once all that is to be locked is. */
async function locked({ box: { root } }: Scene, owner: number): Promise<string> {
  const lock = join(root, lockOf(owner));
  await waitUntil('both are held', () => heldBy(lock) === 'exclusive' && heldBy(root) === 'shared', SELDOM);
  return lock;
}

describe('while a session is open', { concurrency: 2, skip: noFlock() }, () => {
  test('its lock is held and the lease names it; both locks go with the session', async (t) => {
    const here = scene(t);
    const { wrapper, id, leave } = await agentThat(here, [], AGENT);
    const lock = await locked(here, wrapper.pid);
    assert.equal(leaseIn(join(here.box.root, id, 'tmp'))['lock'], lockOf(wrapper.pid));
    assert.equal((await leave()).code, CODE);
    assert.deepEqual([existsSync(lock), readdirSync(here.box.root).sort()], [false, ['.qw-root', '.trash']]);
    await waitUntil('the root is free', () => heldBy(here.box.root) === 'nobody', SELDOM);
  });

  test('nobody inherits a lock: not the agent, not what the watchdog starts', async (t) => {
    const here = scene(t);
    const { wrapper, agent } = await openWith(here, [], STAYS);
    const lock = await locked(here, wrapper.pid);
    const isOurs = (path: string) => path === lock || path === here.box.root;
    const watchdog = await watchdogOf(wrapper.pid);
    assert.ok(openIn(watchdog).includes(lock) && openIn(watchdog).includes(here.box.root));
    for (const pid of [agent, wrapper.pid]) assert.deepEqual(openIn(pid).filter(isOurs), []);
    await killed(wrapper.pid);
    const [child = 0] = await waitUntil('it waits for the next look', () => {
      const all = childrenOf(watchdog).filter((pid) => nameOf(pid) !== nameOf(watchdog)); // not before its exec
      return all.length > 0 ? all : undefined;
    });
    assert.deepEqual(openIn(child).filter(isOurs), []);
    assert.deepEqual(
      [heldBy(lock), heldBy(here.box.root)],
      ['exclusive', 'shared'],
      'for a dead owner’s agent',
    );
    await killed(agent);
    await waitUntil('all is gone', () => !existsSync(lock) && heldBy(here.box.root) === 'nobody', SELDOM);
    await here.nothingLeftSoon();
  });

  test('a stopped owner has its locks, one without a watchdog has none', async (t) => {
    const here = scene(t);
    const { wrapper, agent } = await openWith(here, [], STAYS);
    const lock = await locked(here, wrapper.pid);
    kill(wrapper.pid, 'SIGSTOP');
    await waitUntil('it is stopped', () => stateOf(wrapper.pid) === 'T');
    assert.deepEqual([heldBy(lock), heldBy(here.box.root)], ['exclusive', 'shared']);
    kill(wrapper.pid, 'SIGCONT');
    const watchdog = await watchdogOf(wrapper.pid);
    await killed(watchdog);
    assert.deepEqual([heldBy(lock), heldBy(here.box.root)], ['nobody', 'nobody']);
    await killed(agent);
    await wrapper.done;
    assert.equal(existsSync(lock), false);
    const other = scene(t);
    const { wrapper: bare, id, leave } = await agentThat(other, ['--no-watchdog'], AGENT);
    assert.equal('lock' in leaseIn(join(other.box.root, id, 'tmp')), false);
    assert.deepEqual(
      readdirSync(other.box.root).filter((name) => name.startsWith('.lock')),
      [],
    );
    await leave();
    assert.ok(!isAlive(bare.pid));
  });

  test('a root inside a session has none: open there, it would hold the outer TMPDIR', async (t) => {
    const here = scene(t);
    const inner = `unset QW_ROOT; ${INNER} sh -c 'ls -A "$QW_ROOT"; cat "$TMPDIR/../lease.json"'`;
    const { code, stdout, stderr } = await run(qwRun, ['sh', '-c', inner], here.options);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^\.qw-root\n[a-z0-9]{8}\n\{.*"parent"/);
    assert.doesNotMatch(stdout, /lock/);
    here.nothingLeft();
  });

  test('a server with sixteen roots has one watchdog, which holds them all, and takes its files away', async (t) => {
    const here = scene(t);
    const roots = Array.from({ length: 16 }, (_, at) => join(here.box.dir, `r${at}`));
    const sessions = [];
    for (const root of [...roots, ...roots]) sessions.push(await opened(t, here, { root }));
    await watchdogOf(process.pid); // one
    const locks = roots.map((root) => join(root, lockOf(process.pid)));
    await waitUntil('all are held', () => locks.every((lock) => heldBy(lock) === 'exclusive'), SELDOM);
    await waitUntil('so are the roots', () => roots.every((root) => heldBy(root) === 'shared'), SELDOM);
    await Promise.all(sessions.map((session) => session.end()));
    assert.deepEqual(
      locks.filter((lock) => existsSync(lock)),
      [],
    );
    await waitUntil('all are free', () => roots.every((root) => heldBy(root) === 'nobody'), SELDOM);
    assert.deepEqual(await again(t, here, roots[3] as string), 'exclusive', 'and held for the next session');
  });
});

async function again(t: TestContext, here: Scene, root: string): Promise<string> {
  await opened(t, here, { root });
  const lock = join(root, lockOf(process.pid));
  return waitUntil('it is held', () => (heldBy(lock) === 'exclusive' ? 'exclusive' : undefined), SELDOM);
}

const IN_THE_WAY: [what: string, put: (lock: string) => void, after: string][] = [
  ['a FIFO', (lock) => spawnSync('mkfifo', [lock]), 'it is left alone'],
  ['a link to a file', (lock) => symlinkSync(put(`${lock}.aside`), lock), 'it is not followed'],
  ['a dangling link', (lock) => symlinkSync(`${lock}.gone`, lock), 'nothing is made where it leads'],
  ['a directory', (lock) => mkdirSync(lock), 'it is left alone'],
];

describe('in the place of the lock', { skip: noFlock() }, () => {
  for (const [what, put, after] of IN_THE_WAY)
    test(`${what}: no lock, ${after}, and the session is as any other`, async (t) => {
      const here = scene(t);
      const { root } = here.box;
      const first = await opened(t, here); // makes the root
      await first.end();
      const lock = join(root, lockOf(process.pid));
      put(lock);
      const before = readdirSync(root).sort();
      const session = await opened(t, here);
      assert.equal('lock' in leaseIn(session.tmpdir), false);
      const { pid } = await agentIn(here, session, STAYS);
      const { state } = await session.end();
      assert.deepEqual([state, isAlive(pid)], ['removed', false]);
      assert.deepEqual(readdirSync(root).sort(), before);
    });

  test('a file of ours that was there, truncated or with another name, is locked as it is', async (t) => {
    const here = scene(t);
    const first = await opened(t, here);
    await first.end();
    const lock = join(here.box.root, lockOf(process.pid));
    put(lock, 'forged');
    linkSync(lock, `${lock}.name`);
    const session = await opened(t, here);
    assert.equal(leaseIn(session.tmpdir)['lock'], lockOf(process.pid));
    await waitUntil('it is held', () => heldBy(`${lock}.name`) === 'exclusive', SELDOM);
    assert.equal(readFileSync(lock, 'utf8'), 'forged');
    await session.end();
    assert.deepEqual([existsSync(lock), existsSync(`${lock}.name`)], [false, true]);
  });
});

const SHELLS: [name: string, file: string, args: string[]][] = [
  ['dash', '/usr/bin/dash', []],
  ['busybox', '/usr/bin/busybox', ['sh']],
  ['bash', '/usr/bin/bash', ['--posix']],
];

describe('the script, run by', { concurrency: 2, skip: noFlock() }, () => {
  for (const [name, file, args] of SHELLS)
    test(`${name}: sixteen roots, some without a lock; somebody has one already; the end`, {
      skip: !existsSync(file) && `no ${name} here`,
    }, async (t) => {
      const { dir } = sandbox(t);
      const roots = Array.from({ length: 16 }, (_, at) => join(dir, `a root ${at}`));
      const locks = roots.map((root) => join(root, NAME));
      for (const root of roots) put(join(root, NAME));
      rmSync(locks[1] as string);
      spawnSync('mkfifo', [locks[1] as string]);
      rmSync(locks[2] as string);
      const other = spawn('flock', ['-x', locks[3] as string, 'sleep', '600'], { detached: true });
      t.after(() => process.kill(-(other.pid as number), 'SIGKILL'));
      await waitUntil('somebody has the fourth', () => heldBy(locks[3] as string) === 'exclusive');
      const log = put(join(dir, 'log'), '');
      // What a look finds: how often, for which roots, and what it inherited.
      const node = put(
        join(dir, 'node'),
        `#!/bin/sh\n{ echo "look $#"; for fd in /proc/$$/fd/*; do readlink $fd; done; } >>'${log}'\n` +
          `[ -e '${dir}/over' ] || exit 3\n`,
      );
      chmodSync(node, 0o755);
      const script = spawn(file, [...args, WATCHDOG, node, 'bundle', '1:2:3', NAME, '/usr/bin/flock'], {
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      });
      script.stdout?.resume();
      const owner = script.stdio[3] as Writable;
      for (const root of [...roots, ...roots]) owner.write(`${root}/abcdefgh\n`);
      const held = [0, 4, 11, 15];
      const areHeld = () => held.map((at) => `${heldBy(locks[at] as string)} ${heldBy(roots[at] as string)}`);
      await waitUntil('they are held', () => areHeld().every((how) => how === 'exclusive shared'), SELDOM);
      assert.equal(heldBy(roots[3] as string), 'shared', 'whoever has the file');
      assert.equal(heldBy(roots[1] as string), 'nobody', 'without a file nothing is locked');
      owner.destroy(); // the owner dies
      await waitUntil('it looks', () => readFileSync(log, 'utf8').includes('look 19\n')); // bundle, owner, last and the roots
      assert.ok(!readFileSync(log, 'utf8').includes(NAME), 'and hands no lock on');
      assert.ok(
        areHeld().every((how) => how === 'exclusive shared'),
        'it holds while it looks again',
      );
      put(join(dir, 'over'));
      await once(script, 'close');
      assert.deepEqual([...new Set(areHeld())], ['nobody nobody']);
    });

  for (const [name, file, args] of SHELLS)
    test(`${name}: whoever looks at a lock, however often, does not keep it from its owner`, {
      skip: !existsSync(file) && `no ${name} here`,
    }, async (t) => {
      const { dir } = sandbox(t);
      const lock = put(join(dir, 'root', NAME), '');
      const tries = put(join(dir, 'tries'), '');
      const wait = `[ $(wc -l <'${tries}') != 3 ] || until [ -e '${dir}/go' ]; do sleep 0.05; done`;
      const flock = put(
        join(dir, 'flock'),
        `#!/bin/sh\necho x >>'${tries}'\n${wait}\nexec /usr/bin/flock "$@"\n`,
      );
      chmodSync(flock, 0o755);
      const looker = spawn('flock', ['-s', lock, 'sh', '-c', 'echo ready; read -r line'], { stdio: 'pipe' });
      await once(looker.stdout, 'data');
      const script = spawn(file, [...args, WATCHDOG, 'node', 'bundle', '1:2:3', NAME, flock], {
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      });
      script.stdout?.resume();
      const owner = script.stdio[3] as Writable;
      owner.write(`${dirname(lock)}/abcdefgh\n`);
      await waitUntil('it was in vain twice', () => readFileSync(tries, 'utf8') === 'x\nx\nx\n');
      looker.stdin.end('\n');
      await once(looker, 'close');
      put(join(dir, 'go'));
      await waitUntil('it is held', () => heldBy(lock) === 'exclusive', SELDOM);
      owner.end('bye\n');
      await once(script, 'close');
    });

  for (const [name, file, args] of SHELLS)
    test(`${name}: no lock is made anew that its owner removes in the very moment`, {
      skip: !existsSync(file) && `no ${name} here`,
    }, async (t) => {
      const { dir } = sandbox(t);
      const lock = put(join(dir, 'root', NAME));
      const slow = readFileSync(WATCHDOG, 'utf8').replace('hold "$@" 4<', 'rm "$lock"; hold "$@" 4<');
      assert.ok(slow.includes('rm "$lock"'));
      const script = spawn(
        file,
        [...args, put(join(dir, 'slow.sh'), slow), 'node', 'bundle', '1:2:3', NAME, '/usr/bin/flock'],
        {
          stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
        },
      );
      script.stdout?.resume();
      (script.stdio[3] as Writable).end(`${dirname(lock)}/abcdefgh\nbye\n`);
      await once(script, 'close');
      assert.deepEqual(readdirSync(dirname(lock)), []);
    });
});
