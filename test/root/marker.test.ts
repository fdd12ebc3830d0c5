// A directory that we did not make, or whose marker says so, is refused with a way out: nothing in it is touched, by no
// command, at no time, and it is never remembered as a root.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deadClaim } from '../helpers/claims.js';
import { run } from '../helpers/cli.js';
import { makeRoot, markerText } from '../helpers/make-root.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, HOUR, leaseOf, picture, put, reapOnce, shifted } from '../helpers/reaping.js';
import { runMany } from '../helpers/run-many.js';
import { type Scene, scene } from '../helpers/scene.js';

const LATER = { laterMs: 96 * HOUR };
const noted = ({ box }: Scene) => {
  const file = join(box.dir, 's/qw-run/roots');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** 125 and 1, one line each with the path and the way out; nothing changes, now or in four days. */
async function isLeftAlone(here: Scene, root: string, why: RegExp): Promise<void> {
  const before = picture(root);
  const { options } = here;
  const opened = await run(qwRun, ['--root', root, 'echo', 'ran'], options);
  assert.deepEqual([opened.code, opened.stdout], [125, '']);
  const told = [opened.stderr];
  const later = { ...options, env: { ...options.env, ...shifted(LATER) } };
  const commands = [['list'], ['reap', '--orphans', 'end'], ['rm', '--force', 'projects', 'orphan00']];
  const lines = commands.map((args) => ({ bin: qwTmp, args: [...args, '--root', root] }));
  for (const { code, stderr } of runMany({ options: later }, lines)) {
    assert.equal(code, 1, stderr);
    told.push(stderr);
  }
  for (const line of told) {
    assert.match(line, /^qw-(run|tmp): root "[^\n]+" is not ours: [^\n]+ for example ~\/qw\n$/);
    assert.ok(line.includes(root), line);
    assert.match(line, why);
  }
  assert.equal(noted(here), '');
  // Remembered by an older version, say, or the root of a server.
  put(join(here.box.dir, 's/qw-run/roots'), `${root}\n`);
  await reapOnce(here, ['--orphans', 'end'], LATER);
  assert.deepEqual(picture(root), before);
}

test('a home with a trash of its own and a directory of eight letters: case A1', async (t) => {
  const here = scene(t);
  const root = join(here.box.dir, 'h');
  mkdirSync(root, { mode: 0o700 });
  mkdirSync(join(root, 'projects'));
  put(join(root, '.trash/thesis'), 'x\n');
  await isLeftAlone(here, root, /was not made by qw-run, and something is in it/);
});

test('a root of version 0.1 with a session in it', async (t) => {
  const here = scene(t);
  forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  rmSync(join(here.box.root, '.qw-root'));
  await isLeftAlone(here, here.box.root, /was not made by qw-run/);
});

const markers: [what: string, spoil: (file: string) => void, why: RegExp][] = [
  ['names another inode', (file) => writeFileSync(file, markerText(1n)), /names another directory/],
  ['is truncated', (file) => truncateSync(file, 20), /is damaged/],
  ['is empty', (file) => truncateSync(file), /is damaged/],
  ['is huge', (file) => truncateSync(file, 2 ** 40), /is too large/],
  ['is a FIFO', (file) => replace(file, () => spawnSync('mkfifo', [file])), /is no regular file/],
  ['is a link to a good one', linkAway, /is a link/],
  ['is a directory', (file) => replace(file, () => mkdirSync(file)), /is no regular file/],
  ['is of another version', (file) => writeFileSync(file, '{"version":2,"inode":"1"}\n'), /is damaged/],
  ['names a number too large', (file) => writeFileSync(file, markerText(2n ** 128n)), /another directory/],
];

function replace(file: string, make: () => unknown): void {
  rmSync(file);
  make();
}

function linkAway(file: string): void {
  const elsewhere = put(join(file, '../../marker'), readFileSync(file, 'utf8'));
  replace(file, () => symlinkSync(elsewhere, file));
}

describe('a root with sessions whose marker', { concurrency: 2 }, () => {
  for (const [what, spoil, why] of markers)
    test(what, async (t) => {
      const here = scene(t);
      forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      put(join(here.box.root, `.trash/orphan01.${deadClaim()}/file`));
      spoil(join(here.box.root, '.qw-root'));
      await isLeftAlone(here, here.box.root, why);
    });
});

test('a copy of a root, made with cp -a', async (t) => {
  const here = scene(t);
  forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  const copy = join(here.box.dir, 'copy');
  assert.equal(spawnSync('cp', ['-a', here.box.root, copy]).status, 0);
  await isLeftAlone(here, copy, /this one is a copy/);
});

test('a root that was moved is still one', async (t) => {
  const here = scene(t);
  const root = join(here.box.dir, 'moved');
  forge({ root }, 'orphan00', { lease: leaseOf('orphan00') });
  assert.equal(spawnSync('mv', [root, here.box.root]).status, 0);
  assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
  here.nothingLeft();
});

describe('in a root of ours', { concurrency: 2 }, () => {
  test('a directory of eight letters without a lease goes only when nothing but our names is in it', async (t) => {
    const here = scene(t);
    forge(here.box, 'projects');
    put(join(here.box.root, 'projects/.git/HEAD'));
    put(join(here.box.root, 'holidays/photo.jpg'));
    put(join(here.box.root, 'notlease/lease-agreement.pdf'));
    forge(here.box, 'badlease', { lease: '{' });
    put(join(here.box.root, 'badlease/notes'));
    forge(here.box, 'ours0000');
    put(join(here.box.root, 'ours0000/lease.json.4711'));
    put(join(here.box.root, 'ours0000/settings-0123456789ab.json'));
    mkdirSync(join(here.box.root, 'ours0000/inside'));
    const before = picture(here.box.root).filter((line) => !line.startsWith('ours0000'));
    const { stdout } = await run(qwTmp, ['list', '--json'], here.options);
    const { sessions } = JSON.parse(stdout) as { sessions: { id: string }[] };
    assert.deepEqual(
      sessions.map(({ id }) => id),
      ['ours0000'],
    );
    const { ids, report } = await reapOnce(here, ['--orphans', 'end'], LATER);
    assert.deepEqual([ids, report.kept, report.failed], [['ours0000'], [], []]);
    const rm = await run(qwTmp, ['rm', '--force', 'projects'], here.options);
    assert.match(rm.stderr + rm.stdout, /no such session/);
    assert.deepEqual(
      picture(here.box.root).filter((line) => !line.startsWith('.trash')),
      before.filter((line) => !line.startsWith('.trash')),
    );
  });

  test('what is in the trash under another name than a claim stays', async (t) => {
    const here = scene(t);
    makeRoot(here.box.root);
    const trash = join(here.box.root, '.trash');
    for (const name of ['thesis', 'notes.2026-11-28', 'gone0000.999999-1', 'x.1-2-UPPERCAS'])
      put(join(trash, name, 'file'));
    put(join(here.box.root, '.qw-trash.mine/file'));
    const before = picture(here.box.root);
    put(join(trash, `gone0000.${deadClaim()}/file`));
    assert.equal((await reapOnce(here, [], LATER)).code, 0);
    const names = (lines: string[]) => lines.map((line) => line.split(' ')[0]);
    assert.deepEqual(names(picture(here.box.root)), names(before));
  });

  for (const [what, make] of [
    ['a file', (path: string, _away: string) => put(path, 'theirs')],
    ['a link', (path: string, away: string) => symlinkSync(away, path)],
  ] as const)
    test(`a trash that is ${what} stays and is told; sessions end all the same`, async (t) => {
      const here = scene(t);
      makeRoot(here.box.root);
      const away = join(here.box.dir, 'away');
      put(join(away, `orphan01.${deadClaim()}/file`));
      const trash = join(here.box.root, '.trash');
      make(trash, away);
      const before = [...picture(away), ...picture(here.box.root)];
      forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      const { code, stderr } = await run(qwRun, ['sh', '-c', 'touch "$TMPDIR/x"'], here.options);
      assert.deepEqual([code, stderr], [0, '']);
      const { ids, report, ...reaped } = await reapOnce(here);
      assert.deepEqual([reaped.code, ids], [1, ['orphan00']]);
      assert.deepEqual(report.failed, [
        { path: trash, reason: 'is no directory of ours', hint: `mv ${trash} ~/` },
      ]);
      assert.deepEqual([...picture(away), ...picture(here.box.root)], before);
    });
});
