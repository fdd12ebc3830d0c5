// What cannot be removed stays where it is, is told in one line that names it and a command to go on with, and never
// changes how the agent ended. Once the obstacle is away, the reaper removes it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Finished, run } from '../helpers/cli.js';
import { makeRoot } from '../helpers/make-root.js';
import { qwRun } from '../helpers/paths.js';
import { ids, reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const FILL = 'mkdir -p "$TMPDIR/a" && echo work >"$TMPDIR/a/work"';

interface Obstacle {
  what: string;
  /** In the agent. */
  script?: string;
  /** Directories under the root that get their permissions back. */
  locked: string[];
}

const OBSTACLES: Obstacle[] = [
  { what: 'the root cannot be written any more', script: 'chmod 0500 "$QW_ROOT"', locked: ['.'] },
];

/** One line on stderr that names the session and what to do. */
function oneLine(here: Scene, { stderr }: Finished): void {
  assert.match(stderr, /^qw-run: [^\n]+; try: [^\n]+\n$/);
  assert.ok(stderr.includes(here.box.root), stderr);
}

const asUser = { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false };

test('a trash of ours that cannot be written, and a session directory, get their permissions back', async (t) => {
  const here = scene(t);
  makeRoot(here.box.root);
  mkdirSync(join(here.box.root, '.trash'), { mode: 0o500 });
  const script = `${FILL}; chmod 0500 "$TMPDIR/.."; exit 9`;
  const { code, stderr } = await run(qwRun, ['--no-watchdog', 'sh', '-c', script], here.options);
  assert.deepEqual([code, stderr], [9, '']);
  here.nothingLeft();
});

describe('as an ordinary user', asUser, () => {
  const endings: [how: string, end: string, code: number | null, signal: string | null][] = [
    ['an exit code', 'exit 9', 9, null],
    ['success', 'exit 0', 0, null],
    ['a signal', 'kill -TERM $$', null, 'SIGTERM'],
  ];
  for (const { what, script = ':', locked } of OBSTACLES) {
    for (const [how, end, code, signal] of endings) {
      test(`${what}: told in one line, and ${how} stays what it was`, async (t) => {
        const here = scene(t);
        const { root } = here.box;
        mkdirSync(root, { mode: 0o700 });
        const args = ['--no-watchdog', 'sh', '-c', `${FILL}; ${script}; ${end}`];
        const finished = await run(qwRun, args, here.options);
        const [id = ''] = ids(here.box);
        const isWhole = existsSync(join(root, id, 'tmp/a/work'));
        for (const name of locked) chmodSync(join(root, name), 0o700);

        assert.deepEqual([finished.code, finished.signal], [code, signal]);
        oneLine(here, finished);
        assert.ok(finished.stderr.includes(join(root, id)));
        assert.ok(isWhole, 'it stays in its place');
        assert.deepEqual((await reapOnce(here)).ids, [id]);
        here.nothingLeft();
      });
    }
  }
});

/** With processes of its own too: those of the same user outside cannot be read from in there, and might hold something. */
const WITH_MOUNTS = '--user --map-root-user --mount --pid --fork --mount-proc'.split(' ');

describe('something is mounted in T', { skip: noMounts(), concurrency: 2 }, () => {
  for (const [what, mount, proof] of [
    ['another file system', 'mount -t tmpfs none', undefined],
    ['a directory outside, whose content has to stay', 'mount --bind "$OUTSIDE"', 'precious'],
  ] as const) {
    test(what, async (t) => {
      const here = scene(t);
      const outside = join(here.box.dir, 'outside');
      mkdirSync(join(outside, 'precious'), { recursive: true });
      const script = `${FILL}; mkdir "$TMPDIR/m"; ${mount} "$TMPDIR/m"; : >"$TMPDIR/m/inside"; exit 9`;
      const env = { ...here.options.env, OUTSIDE: outside };
      const args = [...WITH_MOUNTS, process.execPath, qwRun, '--no-watchdog', 'sh', '-c', script];
      const { status, stderr } = spawnSync('unshare', args, { ...here.options, env, encoding: 'utf8' });
      assert.equal(status, 9, stderr);
      oneLine(here, { code: status, signal: null, stdout: '', stderr });
      const [id = ''] = ids(here.box);
      assert.ok(stderr.includes(join(here.box.root, id, 'tmp/m')), stderr);
      assert.match(stderr, /umount/);
      assert.ok(existsSync(join(here.box.root, id, 'tmp/a/work')), 'it stays whole and in its place');
      if (proof) {
        assert.ok(existsSync(join(outside, proof)));
        assert.ok(existsSync(join(outside, 'inside')));
      }
      assert.deepEqual(here.processes(), []);
    });
  }
});

function noMounts(): string | false {
  const script = 'd=$(mktemp -d) && mount -t tmpfs none "$d"; s=$?; umount "$d"; rmdir "$d"; exit $s';
  const { status } = spawnSync('unshare', [...WITH_MOUNTS, 'sh', '-c', script], { stdio: 'ignore' });
  return status === 0 ? false : 'no mount namespace to be had (unshare)';
}
