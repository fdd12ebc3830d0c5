// A root below a directory that somebody else could swap is refused like a foreign one. The reaper looks into neither, even
// where they were noted as ours once, and leaves other users' entries in our own root alone.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, leaseOf, picture, put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { give, giveAll, noUsers, OTHER, ownedByUser, reapAs } from '../helpers/users.js';

const skip = noUsers();
const MONTH = 30 * 24 * 3_600_000;

function become(path: string, uid: number, mode: number): void {
  give(path, uid);
  chmodSync(path, mode);
}

const ancestors: [what: string, make: (above: string) => void, isRefused: boolean][] = [
  ["another user's directory", (above) => give(above, OTHER), true],
  ["another user's directory that is sticky", (above) => become(above, OTHER, 0o1777), true],
  ['a directory of ours that all may write', (above) => chmodSync(above, 0o777), true],
  ['a directory of ours that its group may write', (above) => chmodSync(above, 0o775), true],
  ["root's directory that all may write", (above) => become(above, 0, 0o777), true],
  ["root's sticky directory that all may write", (above) => become(above, 0, 0o1777), false],
  ['a directory of ours', () => {}, false],
];
for (const [what, make, isRefused] of ancestors) {
  for (const depth of ['r', 'deep/r']) {
    if (depth !== 'r' && !what.startsWith('another')) continue;
    test(`a root ${depth === 'r' ? '' : 'deep '}below ${what} is ${isRefused ? 'refused' : 'taken'}`, {
      skip,
    }, async (t) => {
      const here = scene(t);
      const above = join(here.box.dir, 'above');
      const root = join(above, depth);
      mkdirSync(join(above, 'deep'), { recursive: true });
      const options = ownedByUser(here);
      make(above);
      const { code, stdout, stderr } = await run(qwRun, ['--root', root, 'echo', 'ran'], options);
      if (!isRefused) return assert.deepEqual([code, stdout, stderr], [0, 'ran\n', '']);
      assert.deepEqual([code, stdout], [125, '']);
      assert.match(stderr, /^qw-run: [^\n]+\n$/);
      assert.ok(stderr.includes(above), stderr);
      assert.deepEqual(
        picture(above).map((line) => line.split(' ')[0]),
        ['deep'],
      );
    });
  }
}

/** Makes a root of USER's with an orphan in it unsafe. */
const unsafe: [what: string, make: (root: string) => void][] = [
  ["became another user's", (root) => give(root, OTHER)],
  ["became another user's with all in it", (root) => giveAll(root, OTHER)],
  ['can be written by all', (root) => chmodSync(root, 0o777)],
  ['lies below a directory that all may write', (root) => chmodSync(join(root, '..'), 0o777)],
  ["lies below another user's directory", (root) => give(join(root, '..'), OTHER)],
];
for (const [what, make] of unsafe) {
  test(`a noted root that ${what} is not looked into`, { skip }, async (t) => {
    const here = scene(t);
    const root = join(here.box.dir, 'noted/r');
    forge({ ...here.box, root }, 'orphaned', { lease: leaseOf('orphaned') });
    forge({ ...here.box, root }, 'old00000');
    put(join(root, '.trash/gone0000.999999-1-abcdefgh/file'));
    put(join(here.box.dir, 's/qw-run/roots'), `${root}\n`);
    const options = ownedByUser(here);
    const { QW_ROOT: _unset, ...env } = options.env;
    const dry = await reapAs({ ...options, env }, ['--dry-run']);
    assert.deepEqual(dry.ids, ['orphaned'], 'as long as it is safe it is found');
    make(root);
    const before = picture(join(root, '..'));
    const { code, report } = await reapAs({ ...options, env }, ['--orphans', 'end'], { laterMs: MONTH });
    assert.deepEqual([code, report.removed, report.swept, report.kept, report.failed], [0, [], [], [], []]);
    const named = await run(qwTmp, ['reap', '--root', root], options);
    assert.notEqual(named.code, 0);
    assert.match(named.stderr, /^qw-tmp: [^\n]+\n$/);
    assert.deepEqual(picture(join(root, '..')), before);
  });
}

test("another user's entries in our root are neither listed nor reaped nor removed by name", {
  skip,
}, async (t) => {
  const here = scene(t);
  forge(here.box, 'theirs00', { lease: leaseOf('theirs00') });
  forge(here.box, 'theirs01');
  forge(here.box, 'ours0000', { lease: leaseOf('ours0000') });
  const victim = put(join(here.box.dir, 'victim/file'));
  symlinkSync(join(victim, '..'), join(here.box.root, 'link0000'));
  const options = ownedByUser(here);
  for (const name of ['theirs00', 'theirs01']) giveAll(join(here.box.root, name), OTHER);
  const foreign = () => picture(here.box.root).filter((line) => /^(theirs|link)/.test(line));
  const before = foreign();
  const list = await run(qwTmp, ['list', '--json'], options);
  assert.deepEqual(
    JSON.parse(list.stdout).sessions.map(({ id }: { id: string }) => id),
    ['ours0000'],
  );
  const { report, ids } = await reapAs(options, ['--orphans', 'end'], { laterMs: MONTH });
  assert.deepEqual([ids, report.kept, report.failed], [['ours0000'], [], []]);
  for (const force of [[], ['--force']]) {
    const { code } = await run(qwTmp, ['rm', ...force, 'theirs00', 'link0000'], options);
    assert.equal(code, 1);
  }
  assert.deepEqual(foreign(), before);
  assert.ok(existsSync(victim));
});
