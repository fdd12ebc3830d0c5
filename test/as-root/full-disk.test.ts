// A root on a file system without room, blocks or inodes, or that turns read-only: opening fails with 125 and its cause or
// goes on to the next place, and a session that fills it up is removed all the same.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseReceipt } from '#src/receipt/line.js';
import type { SessionReceipt } from '#src/receipt/receipt.js';
import { run } from '../helpers/cli.js';
import { emptyTmp } from '../helpers/empty-tmp.js';
import { isWhole, logStorm } from '../helpers/log-storm.js';
import { makeRoot } from '../helpers/make-root.js';
import { qwRun } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { forge, ids, killed, leaseOf, openWith, reapOnce } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';

const skip = inPrivateMounts(import.meta.url);

/** A scene whose root lies on a small tmpfs of its own, with room for `how`. */
function small(t: TestContext, how: string): Scene {
  const here = mountScene(t);
  mkdirSync(here.box.root);
  mount('-t', 'tmpfs', '-o', `mode=700,${how}`, 'tmpfs', here.box.root);
  makeRoot(here.box.root);
  return here;
}

/** Writes until there is no more room. */
function fill(dir: string): void {
  const file = join(dir, '.filler');
  assert.throws(
    () => {
      for (;;) writeFileSync(file, Buffer.alloc(4096), { flag: 'a' });
    },
    { code: 'ENOSPC' },
  );
}

/** Makes files until there are no more inodes. */
function crowd(dir: string): void {
  assert.throws(
    () => {
      for (let n = 0; ; n += 1) writeFileSync(join(dir, `.filler-${n}`), '');
    },
    { code: 'ENOSPC' },
  );
}

const FILL = 'head -c 10000000 /dev/zero > "$TMPDIR/big" 2> /dev/null';
const AGENT = 'echo "ready $$ "; while [ ! -e go ]; do sleep 0.05; done; exit 7';
const CROWD = 'for n in 1 2 3 4 5 6 7 8 9; do touch "$TMPDIR/$n" 2> /dev/null; done';

const full: [what: string, how: string, make: (root: string) => void][] = [
  ['no block is left', 'size=64k', fill],
  ['no inode is left', 'size=1m,nr_inodes=9', crowd],
  ['one inode is left', 'size=1m,nr_inodes=3', () => {}],
  ['two inodes are left', 'size=1m,nr_inodes=4', () => {}],
];
for (const [what, how, make] of full) {
  test(`${what}: 125 with the cause and a way out, the command does not run, nothing is left`, {
    skip,
  }, async (t) => {
    const here = small(t, how);
    const { root } = here.box;
    make(root);
    const before = readdirSync(root);
    const { code, signal, stdout, stderr } = await run(qwRun, ['echo', 'ran'], here.options);
    assert.deepEqual([code, signal, stdout], [125, null, '']);
    assert.match(stderr, /^qw-run: [^\n]+\n$/);
    assert.match(stderr, /ENOSPC.*--root/);
    assert.ok(stderr.includes(root), stderr);
    assert.deepEqual(readdirSync(root), before);
    assert.deepEqual(here.processes(), []);
  });
}

test('a named root that is full is not exchanged for another, default ones are', { skip }, async (t) => {
  const { defaults } = emptyTmp(t, 'mode=1777,size=64k');
  fill('/tmp');
  const { code, stdout, stderr } = await run(qwRun, ['sh', '-c', 'echo "$QW_ROOT"'], defaults);
  assert.deepEqual([code, stdout], [0, '/var/tmp/qw-0\n']);
  assert.match(
    stderr,
    /^qw-run: TMPDIR lies in \/var\/tmp\/qw-0, since root "\/tmp\/qw-0" [^\n]+ENOSPC[^\n]+\n$/,
  );
  const named = await run(qwRun, ['--root', '/tmp/named', 'echo', 'ran'], defaults);
  assert.deepEqual([named.code, named.stdout], [125, '']);
});

for (const [what, how, script] of [
  ['its blocks', 'size=1m', FILL],
  ['its inodes', 'size=1m,nr_inodes=10', CROWD],
] as const) {
  test(`a session that used up ${what} is removed, the exit status stays`, { skip }, async (t) => {
    const here = small(t, how);
    const command = ['--no-watchdog', '--', 'sh', '-c', `${script}; exit 7`];
    const { code, signal, stderr } = await run(qwRun, command, here.options);
    assert.deepEqual([code, signal], [7, null]);
    assert.doesNotMatch(stderr, /could not remove/);
    here.nothingLeft();
  });

  test(`an orphan that used up ${what} is reaped`, { skip }, async (t) => {
    const here = small(t, how);
    const { tmpdir } = forge(here.box, 'orphaned', { lease: leaseOf('orphaned'), files: [] });
    (script === FILL ? fill : crowd)(tmpdir);
    const { ids: removed, report } = await reapOnce(here);
    assert.deepEqual([removed, report.failed], [['orphaned'], []]);
    here.nothingLeft();
  });
}

test('a session that used up its inodes is removed where there is a trash already', { skip }, async (t) => {
  const here = small(t, 'size=1m,nr_inodes=10');
  mkdirSync(join(here.box.root, '.trash'));
  const { code } = await run(qwRun, ['--no-watchdog', '--', 'sh', '-c', `${CROWD}; exit 7`], here.options);
  assert.equal(code, 7);
  here.nothingLeft();
});

test('a session that used up its blocks goes when its wrapper was killed', { skip }, async (t) => {
  const here = small(t, 'size=1m');
  const { wrapper, agent } = await openWith(here, [], `${FILL}; echo "ready $$ "; exec sleep 600`, {
    isNamed: false,
  });
  await killed(wrapper.pid);
  await killed(agent);
  await here.nothingLeftSoon();
});

test('a root that became read-only: 125 for the next one, told by the running one', { skip }, async (t) => {
  const here = small(t, 'size=1m');
  const { root } = here.box;
  const { wrapper, id } = await openWith(here, ['--no-watchdog'], AGENT);
  mount('-o', 'remount,ro', root);
  const next = await run(qwRun, ['echo', 'ran'], here.options);
  assert.deepEqual([next.code, next.stdout], [125, '']);
  assert.match(next.stderr, /^qw-run: [^\n]*(read-only|EROFS)[^\n]*\n$/);
  writeFileSync(join(here.box.cwd, 'go'), '');
  const { code, stderr } = await wrapper.done;
  assert.equal(code, 7);
  assert.match(stderr, /^qw-run: could not remove [^\n]*EROFS[^\n]*; try: [^\n]+\n$/);
  assert.deepEqual(ids(here.box), [id]);
  assert.equal((await reapOnce(here)).code, 1);
  mount('-o', 'remount,rw', root);
  assert.deepEqual((await reapOnce(here)).ids, [id]);
  here.nothingLeft(['go']);
});

test('a default root that is read-only is passed over', { skip }, async (t) => {
  const { defaults } = emptyTmp(t);
  mount('-o', 'remount,ro', '/tmp');
  const { code, stdout, stderr } = await run(qwRun, ['sh', '-c', 'echo "$QW_ROOT"'], defaults);
  mount('-o', 'remount,rw', '/tmp');
  assert.deepEqual([code, stdout], [0, '/var/tmp/qw-0\n']);
  assert.match(
    stderr,
    /^qw-run: TMPDIR lies in \/var\/tmp\/qw-0, since root "\/tmp\/qw-0" [^\n]+EROFS[^\n]+\n$/,
  );
});

test('no block is left where lines are left for later: sessions are removed all the same', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  const state = join(here.box.dir, 's');
  mkdirSync(state);
  mount('-t', 'tmpfs', '-o', 'mode=700,size=64k', 'tmpfs', state);
  mkdirSync(join(state, 'qw-run'));
  fill(state);
  makeRoot(here.box.root);
  forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  const { code, stderr, ids: gone } = await reapOnce(here);
  assert.deepEqual([code, stderr, gone], [0, '', ['orphan00']]);
  const log = join(state, 'qw-run/log');
  assert.ok(!existsSync(log) || readFileSync(log, 'utf8') === '');
});

test('the disk runs full while many write their receipts: what was written is whole, and goes on once there is room', {
  skip,
}, async (t) => {
  const here = mountScene(t);
  const state = join(here.box.dir, 's');
  mkdirSync(state);
  mount('-t', 'tmpfs', '-o', 'mode=700,size=256k', 'tmpfs', state);
  mkdirSync(join(state, 'qw-run'), { mode: 0o700 });
  const ballast = join(state, 'ballast');
  writeFileSync(ballast, Buffer.alloc(64 * 1024, 1));
  const stormed = await logStorm(here, { state, writers: 12, lines: 40, victims: 4 });
  const { written, torn } = stormed;
  assert.ok(written.length > 0 && written.length < 12 * 40, `${written.length} lines had room`);
  isWhole(stormed, torn.length); // as many as were cut off by the end of the disk
  rmSync(ballast);
  const { code, stderr } = await run(qwRun, ['--label', 'later', 'true'], here.options);
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(
    receiptsOf(join(state, 'qw-run/log')).map(({ label }) => label),
    ['later'],
  );
});

/** Those of real sessions. */
const receiptsOf = (log: string): SessionReceipt[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => (parseReceipt(line) as SessionReceipt | undefined) ?? [])
    .filter(({ label }) => label !== undefined);
