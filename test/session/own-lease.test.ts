// The lease while a session lives: what it says, who may read it, how it is replaced, and that it is gone afterwards.
import assert from 'node:assert/strict';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readLease } from '#src/lease/lease-file.js';
import { isEnding, leaseIn, leasePath, leaseWithAgent } from '../helpers/leases.js';
import { lockOf } from '../helpers/locks.js';
import { kill } from '../helpers/processes.js';
import { identityOf, openWith, realm } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const WAIT = 'echo "ready $$ "; exec sleep 600';
const UNTIL_TOLD = 'until [ -e go ]; do sleep 0.05; done';
/** Ends only when it is told a second time. */
const STUBBORN = 'trap "" TERM; echo "ready $$ "; while :; do sleep 0.1; done';
const uid = process.getuid?.();

describe('the lease', { concurrency: 2 }, () => {
  test('names owner, agent and command exactly, and nothing else', async (t) => {
    const here = scene(t);
    const before = Date.now();
    const { wrapper, agent, id, tmpdir } = await openWith(here, ['--label', 'Bau 1'], WAIT);
    const { createdAt, bootedAt, ...lease } = await leaseWithAgent(tmpdir);
    assert.deepEqual(lease, {
      version: 1,
      id,
      label: 'Bau 1',
      backend: 'generic',
      command: ['sh', '-c', WAIT],
      cwd: here.box.cwd,
      owner: { ...identityOf(wrapper.pid), ...realm(), uid },
      agent: identityOf(agent),
      ...(existsSync('/usr/bin/flock') ? { lock: lockOf(wrapper.pid) } : {}),
    });
    assert.match(createdAt as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const at = Date.parse(createdAt as string);
    assert.ok(at >= before && at <= Date.now(), `${createdAt}`);
    assert.ok(Math.abs(Number(bootedAt) - (Date.now() - uptime() * 1_000)) < 10_000, `${bootedAt}`);
    kill(wrapper.pid, 'SIGTERM');
    await wrapper.done;
    here.nothingLeft();
  });

  test('is a file of one line that only its owner may read, with a heartbeat of now', async (t) => {
    const here = scene(t);
    const before = Date.now();
    const { wrapper, tmpdir } = await openWith(here, [], WAIT);
    await leaseWithAgent(tmpdir);
    const stat = statSync(leasePath(tmpdir));
    assert.deepEqual([stat.isFile(), stat.mode & 0o7777, stat.uid, stat.nlink], [true, 0o600, uid, 1]);
    assert.ok(stat.mtimeMs >= before - 1_000 && stat.mtimeMs <= Date.now() + 1_000);
    assert.match(readFileSync(leasePath(tmpdir), 'utf8'), /^\{[^\n]*\}\n?$/);
    assert.equal('label' in leaseIn(tmpdir), false);
    kill(wrapper.pid, 'SIGTERM');
    await wrapper.done;
    here.nothingLeft();
  });

  test('says that the end has begun, and no word of it is written over', async (t) => {
    const here = scene(t);
    const { wrapper, tmpdir } = await openWith(here, ['--grace', '600s'], STUBBORN);
    const old = await leaseWithAgent(tmpdir);
    const fd = openSync(leasePath(tmpdir), 'r');
    t.after(() => closeSync(fd));
    kill(wrapper.pid, 'SIGTERM');
    // Each look has to find a whole lease.
    await waitUntil('the lease says that the end has begun', () => {
      assert.deepEqual(leaseIn(tmpdir), old);
      return isEnding(tmpdir);
    });
    assert.deepEqual(JSON.parse(readFileSync(fd, 'utf8')), old);
    const found = readLease(join(tmpdir, '..'));
    assert.ok(found.kind === 'good' && Date.parse(found.lease.ending ?? '') <= Date.now());
    kill(wrapper.pid, 'SIGINT'); // another one: SIGKILL now
    await wrapper.done;
    here.nothingLeft();
  });

  test('is replaced, never written over: who has the old one open reads the old one', async (t) => {
    const here = scene(t);
    const { wrapper, tmpdir } = await openWith(here, ['--keep'], `echo "ready $$ "; ${UNTIL_TOLD}`);
    const old = await leaseWithAgent(tmpdir);
    const fd = openSync(leasePath(tmpdir), 'r');
    t.after(() => closeSync(fd));
    writeFileSync(join(here.box.cwd, 'go'), '');
    await wrapper.done;
    const { ending, kept, ...rest } = leaseIn(tmpdir);
    assert.deepEqual(rest, old);
    assert.ok(ending && kept);
    assert.equal(fstatSync(fd).nlink, 0);
    assert.deepEqual(JSON.parse(readFileSync(fd, 'utf8')), old);
    assert.notEqual(statSync(leasePath(tmpdir)).ino, fstatSync(fd).ino);
  });

  const huge: [what: string, flags: string[], more: NodeJS.ProcessEnv][] = [
    ['a long command', [], {}],
    [
      'a label of emoji, names to spare and an inherited QW_SESSION, all of them long',
      ['--label', '\u{1f600}'.repeat(20_000), '--spare', 'y'.repeat(1_000)],
      { QW_SESSION: 'z'.repeat(5_000) },
    ],
    ['a label of control characters', ['--label', '\u0001'.repeat(50_000)], {}],
  ];
  for (const [what, flags, more] of huge) {
    test(`has at most 4 KiB and can be read with ${what}`, async (t) => {
      const here = scene(t);
      Object.assign(here.options.env, more);
      const script = `${WAIT}; # ${'long '.repeat(20_000)}`;
      const { wrapper, agent, id, tmpdir } = await openWith(here, flags, script);
      const lease = await leaseWithAgent(tmpdir);
      const bytes = statSync(leasePath(tmpdir)).size;
      assert.ok(bytes <= 4_096, `${bytes} bytes`);
      assert.deepEqual([lease.id, lease.agent], [id, identityOf(agent)]);
      assert.deepEqual(lease['owner'], { ...identityOf(wrapper.pid), ...realm(), uid });
      kill(wrapper.pid, 'SIGTERM');
      await wrapper.done;
      here.nothingLeft();
    });
  }

  test('says kept, since when, where TMPDIR is to stay', async (t) => {
    const here = scene(t);
    const { wrapper, id, tmpdir } = await openWith(here, ['--keep'], 'echo "ready $$ "; exit 3');
    const { code, stderr } = await wrapper.done;
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`^qw-run: .*${tmpdir}.*\\n$`));
    const { kept, owner } = leaseIn(tmpdir) as unknown as { kept: { at: string }; owner: { pid: number } };
    assert.deepEqual([Object.keys(kept), owner.pid], [['at'], wrapper.pid]);
    assert.ok(Date.parse(kept.at) <= Date.now());
    assert.equal(statSync(leasePath(tmpdir)).mode & 0o7777, 0o600);
    assert.deepEqual([here.processes(), here.box.left()], [[], [id]]);
  });
});
