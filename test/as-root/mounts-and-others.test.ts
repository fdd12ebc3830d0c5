// Whoever else comes to remove a session with a mount inside: the watchdog, the reaper's trash, a process on its way out,
// the emptying for spared daemons. None goes through the mount.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadClaim } from '../helpers/claims.js';
import { run } from '../helpers/cli.js';
import { qwRun, repoRoot } from '../helpers/paths.js';
import { BIND, goesOnceUnmounted, source } from '../helpers/precious.js';
import {
  inPrivateMounts,
  mount,
  mountScene,
  mountsBelow,
  OWN_MOUNTS,
  unmountBelow,
} from '../helpers/private-mounts.js';
import { forge, ids, killed, leaseOf, openWith, picture, put, reapOnce } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);

test('the watchdog of a killed wrapper waits for the unmounting and then removes', { skip }, async (t) => {
  const here = mountScene(t);
  const before = picture(source(here));
  const { wrapper, agent, id } = await openWith(here, [], `${BIND}; echo "ready $$ "; exec sleep 600`);
  await killed(wrapper.pid);
  await killed(agent);
  const lease = join(here.box.root, id, 'lease.json');
  const { code, report } = await reapOnce(here);
  assert.deepEqual([code, report.removed, report.failed.length], [1, [], 1], lease);
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
  unmountBelow(here.box.dir);
  await here.nothingLeftSoon();
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
});

test('a mount in what already lies in the trash stops its removal', { skip }, async (t) => {
  const here = mountScene(t);
  const precious = source(here);
  const before = picture(precious);
  forge(here.box, 'forged00', { lease: leaseOf('forged00') });
  const left = join(here.box.root, '.trash', `gone0000.${deadClaim()}`);
  const point = join(left, 'tmp/m');
  mkdirSync(point, { recursive: true });
  put(join(left, 'lease.json'), JSON.stringify(leaseOf('gone0000')));
  mount('--bind', precious, point);
  const { code, report } = await reapOnce(here);
  assert.deepEqual([code, report.removed.map(({ id }) => id)], [1, ['forged00']]);
  assert.deepEqual(
    report.failed.map(({ hint }) => hint),
    mountsBelow(here.box.dir).map((at) => `umount ${at}`),
  );
  assert.deepEqual(picture(precious), before);
  unmountBelow(here.box.dir);
  assert.equal((await reapOnce(here)).code, 0);
  here.nothingLeft();
});

test('a process that exits without ending its session removes nothing below a mount', { skip }, async (t) => {
  const here = mountScene(t);
  const before = picture(source(here));
  const script = `import { openSession } from 'qw-run';
    import { execSync } from 'node:child_process';
    const { tmpdir } = await openSession({ root: process.env.QW_ROOT, watchdog: false });
    execSync('mkdir m; mount --bind "$SOURCE" m', { cwd: tmpdir });
    process.exit(3);`;
  const { code, stderr } = await run('--input-type=module', ['-e', script], {
    ...here.options,
    cwd: repoRoot,
  });
  assert.equal(code, 3, stderr);
  const points = mountsBelow(here.box.dir);
  assert.equal(points.length, 1);
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
  await waitUntil('what it started to finish for it is through', () => !isNamed(here.box.root));
  await goesOnceUnmounted(here, ids(here.box)[0] ?? '');
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
});

test('what the agent mounted in a namespace of its own is neither in the way nor touched', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  const before = picture(source(here));
  const own = [...OWN_MOUNTS, 'sh', '-c', `${BIND}; test -e "$TMPDIR/m/notes"`];
  for (const survivor of ['', '; sleep 600 &']) {
    const command = [...own.slice(0, -1), `${own.at(-1)}${survivor}`];
    const { code, stderr } = await run(qwRun, command, here.options);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /mounted/);
    await waitUntil('the watchdog has left', () => here.processes().length === 0);
    here.nothingLeft();
  }
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
});

test('a TMPDIR that only a spared daemon knows is not emptied through a mount', { skip }, async (t) => {
  const here = mountScene(t);
  const before = picture(source(here));
  const keeper = join(here.box.dir, 'home/keeper');
  const script = `ln -s "$(command -v sleep)" ${keeper}; ${keeper} 600 < /dev/null > /dev/null 2>&1 & ${BIND}`;
  const { code, stderr } = await run(
    qwRun,
    ['--spare', 'keeper', '--no-watchdog', '--', 'sh', '-c', script],
    here.options,
  );
  assert.equal(code, 0);
  assert.match(stderr, /keeper/);
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
  for (const pid of here.processes()) await killed(pid);
  await goesOnceUnmounted(here, ids(here.box)[0] ?? '');
  assert.deepEqual(picture(join(here.box.dir, 'source')), before);
});

/** Whether a process has `path` among its arguments. */
const isNamed = (path: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      return false; // it has just ended, or is none
    }
  });
