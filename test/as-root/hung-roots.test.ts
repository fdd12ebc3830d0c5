// Roots, temp directories and leftovers that lie on a FUSE mount. One whose server does not answer costs nobody more than a moment:
// it is passed over, or refused where it was named, and told with the way out. One that answers is used like any other.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Diagnosis, ReapReport, SessionList } from 'qw-run';
import { start } from '../helpers/cli.js';
import { type EmptyTmp, emptyTmp } from '../helpers/empty-tmp.js';
import { ends, type FuseServer, fuseServers, noFuse } from '../helpers/hung.js';
import { makeRoot } from '../helpers/make-root.js';
import { onRequest } from '../helpers/on-request.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { forge, HOUR, leaseOf, put, shifted } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();
const OPS = ['getattr', 'lookup', 'opendir', 'readdir'] as const;

interface Stage extends EmptyTmp {
  /** Of the FUSE mount; nobody named a root, and the agent's TMPDIR is elsewhere. */
  far: string;
  server: FuseServer;
  tmp(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  later(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** A mount at `$box/far`, and an orphan in the default root. */
async function stage(t: TestContext, point?: string): Promise<Stage> {
  const serve = fuseServers(t);
  const here = emptyTmp(t);
  const far = point ?? join(here.box.dir, 'far');
  mkdirSync(join(here.box.dir, 'source'));
  const server = await serve(join(here.box.dir, 'source'), far);
  const options = (more = {}) => ({ ...here.defaults, env: { ...here.defaults.env, ...more } });
  return {
    ...here,
    far,
    server,
    tmp: (...args) => ends(start(qwTmp, args, options())),
    later: (...args) => ends(start(qwTmp, args, options(shifted({ laterMs: 80 * HOUR })))),
  };
}

/** A root with an orphan in it, noted as one that was used. */
function notedRoot({ box, far }: Stage): string {
  const root = join(far, 'qw');
  forge({ root }, 'farther0', { lease: leaseOf('farther0') });
  put(join(box.dir, 's/qw-run/roots'), `${root}\n`);
  return root;
}

const wayOutOf = (failed: { path: string; hint: string }[]) => failed.map(({ path, hint }) => [path, hint]);
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id).sort();

test('a root on a FUSE mount that answers is used, listed, reaped, examined', { skip }, async (t) => {
  const here = await stage(t);
  const root = join(here.far, 'r');
  const env = { ...here.defaults.env, QW_ROOT: root };
  const script = 'echo work > "$TMPDIR/a"; mkdir -p "$TMPDIR/b/c"; mktemp; echo "$TMPDIR"';
  const ran = await ends(start(qwRun, ['sh', '-c', script], { ...here.defaults, env }));
  assert.deepEqual([ran.code, ran.stderr], [0, '']);
  assert.ok(ran.stdout.includes(`${root}/`), ran.stdout);
  forge({ root }, 'orphan00', { lease: leaseOf('orphan00') });
  const list = JSON.parse((await here.tmp('list', '--json')).stdout) as SessionList; // it was noted
  assert.deepEqual([list.roots, idsOf(list.sessions)], [[root], ['orphan00']]);
  const reaped = JSON.parse((await here.tmp('reap', '--json')).stdout) as ReapReport;
  assert.deepEqual([idsOf(reaped.removed), reaped.failed], [['orphan00'], []]);
  assert.deepEqual(
    readdirSync(root).filter((name) => !name.startsWith('.')),
    [],
  );
});

for (const op of OPS)
  test(`a noted root on a mount that hangs at ${op}: the others are listed and reaped, and it is told`, {
    skip,
  }, async (t) => {
    const here = await stage(t);
    const far = notedRoot(here);
    const near = join('/tmp', `qw-${process.getuid?.()}`);
    forge({ root: near }, 'orphan00', { lease: leaseOf('orphan00') });
    await here.server.hang(op);
    const [listed, rm, examined] = await Promise.all([
      here.tmp('list', '--json'),
      here.tmp('rm', 'farther0'),
      here.tmp('doctor', '--json'),
    ]);
    const list = JSON.parse(listed.stdout) as SessionList;
    assert.deepEqual([listed.code, list.roots, idsOf(list.sessions)], [1, [near], ['orphan00']]);
    const told = [[far, `umount -fl ${here.far}`]];
    assert.deepEqual(wayOutOf(list.unseen), told);
    assert.deepEqual([rm.code, rm.stderr.includes('no such session')], [1, true]);
    const { findings } = JSON.parse(examined.stdout) as Diagnosis;
    const mute = findings.filter((one) => one.code === 'mute-mount');
    assert.deepEqual(
      mute.map(({ about, command }) => [about, command]),
      told,
    );
    const { code, stdout } = await here.tmp('reap', '--json');
    const report = JSON.parse(stdout) as ReapReport;
    assert.deepEqual([code, idsOf(report.removed), wayOutOf(report.failed)], [1, ['orphan00'], told]);
    await here.server.goOn();
    const last = JSON.parse((await here.tmp('reap', '--json')).stdout) as ReapReport;
    assert.deepEqual([idsOf(last.removed), last.failed], [['farther0'], []]);
  });

test('a server starts, reaps, opens, ends and exits beside a noted root that hangs', { skip }, async (t) => {
  const here = await stage(t);
  notedRoot(here);
  await here.server.hang('getattr');
  const server = await onRequest({ options: here.defaults }, { opens: false });
  await server.ask('start');
  await server.ask('list');
  const { failed } = await server.ask<ReapReport>('reap');
  assert.deepEqual(
    failed.map(({ hint }) => hint),
    [`umount -fl ${here.far}`],
  );
  await server.ask('open');
  await server.ask('end');
  server.tell('exit');
  assert.equal((await ends(server.process)).code, 0);
});

test('a root that was named, on a mount that hangs, is refused with the way out, which helps', {
  skip,
}, async (t) => {
  const here = await stage(t);
  const root = join(here.far, 'qw');
  makeRoot(root);
  await here.server.hang('lookup');
  const refused: [bin: string, args: string[]][] = [
    [qwRun, ['--root', root, 'true']],
    [qwTmp, ['list', '--root', root]],
    [qwTmp, ['reap', '--root', root]],
  ];
  await Promise.all(
    refused.map(async ([bin, args]) => {
      const { code, stderr } = await ends(start(bin, args, here.defaults));
      assert.equal(code, bin === qwRun ? 125 : 1, stderr);
      assert.ok(stderr.includes(root) && stderr.includes(`umount -fl ${here.far}`), stderr);
    }),
  );
  assert.equal(spawnSync('umount', ['-fl', here.far]).status, 0);
  assert.equal((await ends(start(qwRun, ['--root', root, 'true'], here.defaults))).code, 0);
});

test('a TMPDIR on a mount that hangs is passed over, and told', { skip }, async (t) => {
  const here = await stage(t);
  makeRoot(join(here.far, `qw-${process.getuid?.()}`));
  await here.server.hang('lookup');
  const options = { ...here.defaults, env: { ...here.defaults.env, TMPDIR: here.far } };
  const ran = await ends(start(qwRun, ['sh', '-c', 'echo "$TMPDIR"'], options));
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(ran.stdout.startsWith('/tmp/qw-'), ran.stdout);
  assert.ok(ran.stderr.includes(`umount -fl ${here.far}`), ran.stderr);
  await Promise.all(
    [['list'], ['reap', '--legacy'], ['doctor']].map((args) => ends(start(qwTmp, args, options))),
  );
});

test('a link to a mount that hangs is no way around', { skip }, async (t) => {
  const here = await stage(t);
  const link = join(here.box.dir, 'link');
  symlinkSync('far', link);
  mkdirSync(join(here.far, 'dir'));
  await here.server.hang('lookup');
  const { code, stderr } = await ends(start(qwRun, ['--root', join(link, 'dir/qw'), 'true'], here.defaults));
  assert.equal(code, 125);
  assert.ok(stderr.includes(`umount -fl ${here.far}`), stderr);
});

for (const op of OPS) {
  test(`leftovers in /tmp on a mount that hangs at ${op}: the others are taken, and it is told`, {
    skip,
  }, async (t) => {
    const point = `/tmp/claude-${process.getuid?.()}`;
    const here = await stage(t, point);
    mkdirSync('/tmp/claude-empty-AbCdEf');
    await here.server.hang(op);
    const { code, stdout } = await here.later('reap', '--legacy', '--json');
    const { swept, failed } = JSON.parse(stdout) as ReapReport;
    assert.deepEqual([code, swept.map(({ path }) => path)], [1, ['/tmp/claude-empty-AbCdEf']]);
    assert.deepEqual(
      failed.map(({ path, hint }) => [path, hint]),
      [[point, `umount ${point}`]],
    );
    const { stdout: told } = await here.later('doctor', '--json');
    assert.ok((JSON.parse(told) as Diagnosis).findings);
    const server = await onRequest({ options: here.defaults }, { opens: false });
    await server.ask('reaper');
    server.tell('exit');
    assert.equal((await ends(server.process)).code, 0);
  });
}
