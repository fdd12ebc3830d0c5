// Where sessions live when nobody named a root: in the user's TMPDIR first, else in the next place that can be used; and the
// roots used are noted, so that the reaper finds them again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, killed, leaseOf, openOwnerless, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const NAME = `qw-${process.getuid?.()}`;
const TELL = ['sh', '-c', 'printf %s "$QW_ROOT"; test -d "$TMPDIR"'];
const defaults = ['/tmp', '/var/tmp'].map((dir) => join(realpathSync(dir), NAME));

const file = (path: string) => {
  writeFileSync(path, '');
  return path;
};
const link = (to: string, path: string) => {
  symlinkSync(to, path);
  return path;
};
const directory = (path: string, mode: number) => {
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
};

/** A scene without QW_ROOT. */
function unnamed(t: Parameters<typeof scene>[0]) {
  const here = scene(t);
  delete here.options.env['QW_ROOT'];
  return here;
}

describe('the first candidate', { concurrency: 2 }, () => {
  test('is in the TMPDIR that the user set', async (t) => {
    const { box, options, nothingLeft } = unnamed(t);
    const dir = join(box.dir, 't');
    mkdirSync(dir);
    options.env['TMPDIR'] = dir;
    const { code, stdout, stderr } = await run(qwRun, TELL, options);
    assert.deepEqual([code, stdout, stderr], [0, join(dir, NAME), '']);
    assert.equal(statSync(stdout).mode & 0o7777, 0o700);
    nothingLeft();
  });

  const unusable: [what: string, tmpdir: (dir: string) => string, told: RegExp | undefined][] = [
    ['is missing', (dir) => join(dir, 'no/such'), /mkdir -p/],
    ['is empty', () => '', undefined],
    ['is relative', () => '.', undefined],
    ['is a file', (dir) => file(join(dir, 'f')), /ENOTDIR|cannot be used/],
    ['is too long', (dir) => directory(join(dir, 'x'.repeat(30)), 0o700), /too long/],
    ['may be written by all', (dir) => directory(join(dir, 'a'), 0o777), /chmod \+t \S+\/a,/],
    ['may be written by its group', (dir) => directory(join(dir, 'a'), 0o770), /chmod go-w \S+\/a,/],
    ['has a link of that name', (dir) => dirname(link(dir, join(dir, NAME))), /is a link/],
    ['has a file of that name', (dir) => dirname(file(join(dir, NAME))), /not a directory/],
    [
      'has somebody’s work in a directory of that name',
      (dir) => dirname(dirname(file(join(directory(join(dir, NAME), 0o700), 'f')))),
      /is not ours/,
    ],
  ];
  for (const [what, tmpdir, told] of unusable) {
    test(`is passed over where TMPDIR ${what}, ${told ? 'and that is told once' : 'silently'}`, async (t) => {
      const { box, options, nothingLeft } = unnamed(t);
      options.env['TMPDIR'] = tmpdir(box.dir);
      const { code, stdout, stderr } = await run(qwRun, TELL, options);
      assert.equal(code, 0, stderr);
      assert.ok(defaults.includes(stdout), stdout);
      if (!told)
        assert.ok(!stderr.includes(box.dir), stderr); // of the defaults it may tell, as they are here
      else assert.match(stderr, /^qw-run: TMPDIR lies in \S+, since root [^\n]+\n$/);
      if (told) assert.match(stderr, told);
      nothingLeft();
    });
  }

  test('is not a TMPDIR that belongs to a session', async (t) => {
    const { box, options } = unnamed(t);
    const { tmpdir } = forge(box, 'abcdefgh', { lease: leaseOf('abcdefgh'), files: [] });
    options.env['TMPDIR'] = tmpdir;
    const { code, stdout, stderr } = await run(qwRun, TELL, options);
    assert.equal(code, 0, stderr);
    assert.notEqual(stdout, join(tmpdir, NAME));
    assert.equal(existsSync(join(tmpdir, NAME)), false);
  });
});

describe('the roots that were used', { concurrency: 2 }, () => {
  const notes: [what: string, xdg: string | undefined, file: string][] = [
    ['in XDG_STATE_HOME', 's', 's/qw-run/roots'],
    ['in ~/.local/state without it', undefined, 'home/.local/state/qw-run/roots'],
  ];
  for (const [what, xdg, file] of notes) {
    test(`are noted ${what}, each once, for the user alone`, async (t) => {
      const { box, options, nothingLeft } = scene(t);
      if (xdg === undefined) delete options.env['XDG_STATE_HOME'];
      const other = join(box.dir, 'o');
      for (const args of [[], ['--root', other], [], ['--root', other]])
        assert.equal((await run(qwRun, [...args, 'true'], options)).code, 0);
      assert.equal(readFileSync(join(box.dir, file), 'utf8'), `${box.root}\n${other}\n`);
      assert.equal(statSync(join(box.dir, file)).mode & 0o777, 0o600);
      nothingLeft();
    });
  }

  test('are forgotten once they are gone, before the list is too long to be read: the newest is always found', async (t) => {
    const here = scene(t);
    const file = join(here.box.dir, 's/qw-run/roots');
    const gone = Array.from({ length: 1_600 }, (_, n) => `/var/tmp/generations/${n}-of-a-server/${NAME}`);
    const there = directory(join(here.box.dir, 'there'), 0o700);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, [there, ...gone, ''].join('\n'));
    assert.ok(statSync(file).size > 64 * 1024, 'what is appended now would not be read');
    const session = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    assert.equal(readFileSync(file, 'utf8'), `${there}\n${here.box.root}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await killed(session.agent);
    here.options.env['QW_ROOT'] = join(here.box.dir, 'elsewhere');
    assert.deepEqual((await reapOnce(here)).ids, [session.id]);
    here.nothingLeft();
  });

  test('are noted where others can keep their state too, whatever the umask', (t) => {
    const { box, options, nothingLeft } = scene(t);
    delete options.env['XDG_STATE_HOME'];
    const command = ['-c', 'umask 777; exec "$@"', 'sh', process.execPath, qwRun, 'true'];
    assert.equal(spawnSync('sh', command, options).status, 0);
    for (const dir of ['.local', '.local/state', '.local/state/qw-run'])
      assert.equal(statSync(join(box.dir, 'home', dir)).mode & 0o777, 0o700, dir);
    nothingLeft();
  });

  test('need not be noted: a state directory that cannot be made stops nothing', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    writeFileSync(join(box.dir, 's'), 'a file');
    const { code, stdout, stderr } = await run(qwRun, TELL, options);
    assert.deepEqual([code, stdout, stderr], [0, box.root, '']);
    nothingLeft();
  });

  test('are looked through by the reaper, unless they are links by now', async (t) => {
    const here = scene(t);
    const session = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
    await killed(session.agent);
    const moved = join(here.box.dir, 'm');
    here.options.env['QW_ROOT'] = join(here.box.dir, 'elsewhere');
    renameSync(here.box.root, moved);
    symlinkSync(moved, here.box.root);
    assert.deepEqual((await reapOnce(here)).ids, []);
    assert.ok(existsSync(join(moved, session.id, 'tmp')));
    renameSync(here.box.root, join(here.box.dir, 'link'));
    renameSync(moved, here.box.root);
    const list = await run(qwTmp, ['list', '--json'], here.options);
    assert.ok(JSON.parse(list.stdout).roots.includes(here.box.root));
    assert.deepEqual((await reapOnce(here)).ids, [session.id]);
    here.nothingLeft();
  });
});
