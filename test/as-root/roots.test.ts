// Roots where it takes root to try them: another user's marker, a reboot, mounts where nothing can be executed, many users' first
// opens with several candidates, and root itself with a user's HOME.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Diagnosis } from 'qw-run';
import { run } from '../helpers/cli.js';
import { type EmptyTmp, emptyTmp } from '../helpers/empty-tmp.js';
import { fakeClaude } from '../helpers/fake-claude.js';
import { firstOpens } from '../helpers/first-opens.js';
import { mountImage } from '../helpers/loop-mount.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene, unmountBelow } from '../helpers/private-mounts.js';
import { forge, leaseOf, picture, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { give, giveAll, noUsers, OTHER, ownedByUser, USER } from '../helpers/users.js';

const skip = inPrivateMounts(import.meta.url) || noUsers();
const WHERE = ['--no-watchdog', 'sh', '-c', 'echo "$QW_ROOT"'];

test("a marker that is another user's makes no root", { skip }, async (t) => {
  const here = scene(t);
  forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
  const options = ownedByUser(here);
  give(join(here.box.root, '.qw-root'), OTHER);
  const before = picture(here.box.root);
  const { code, stderr } = await run(qwRun, ['echo', 'ran'], options);
  assert.equal(code, 125);
  assert.match(stderr, /^qw-run: root "\S+" is not ours: its .qw-root belongs to uid 61018;.* ~\/qw\n$/);
  assert.equal((await run(qwTmp, ['reap', '--root', here.box.root], options)).code, 1);
  assert.deepEqual(picture(here.box.root), before);
});

test('after a reboot, on a device of another number, a root is one still', { skip }, async (t) => {
  const here = mountScene(t);
  const { dir } = here.box;
  const place = (name: string) => {
    mkdirSync(join(dir, name));
    return join(dir, name);
  };
  const [disk, mounted] = [place('disk'), place('m')];
  const why = mountImage('mkfs.ext4 -q', disk, mounted);
  if (why) return t.skip(why);
  const root = join(mounted, 'r');
  here.options.env['QW_ROOT'] = root;
  assert.equal((await run(qwRun, ['true'], here.options)).code, 0);
  forge({ root }, 'orphan00', { lease: leaseOf('orphan00') });
  const before = statSync(root).dev;
  for (let others = 0; others === 0 || statSync(root).dev === before; others += 1) {
    unmountBelow(mounted);
    const other = place(`other${others}`);
    assert.equal(mountImage('mkfs.ext4 -q', other, other), undefined); // takes the number that is free now
    mount('-o', 'loop', join(disk, 'image'), mounted);
  }
  assert.equal((await run(qwRun, ['true'], here.options)).code, 0);
  assert.deepEqual((await reapOnce(here)).ids, ['orphan00']);
});

test('a noexec mount comes after the others, and is told where it is all there is', { skip }, async (t) => {
  const { defaults } = emptyTmp(t, 'mode=1777,noexec');
  const doctor = async () =>
    JSON.parse((await run(qwTmp, ['doctor', '--json'], defaults)).stdout) as Diagnosis;
  const codes = async () => (await doctor()).findings.map(({ code }) => code);
  const other = await run(qwRun, WHERE, defaults);
  assert.deepEqual([other.code, other.stdout, other.stderr], [0, '/var/tmp/qw-0\n', '']);
  assert.ok(!(await codes()).includes('noexec'));
  mount('-o', 'remount,noexec', '/var/tmp');
  const only = await run(qwRun, WHERE, defaults);
  assert.deepEqual([only.code, only.stdout], [0, '/tmp/qw-0\n']);
  assert.match(
    only.stderr,
    /^qw-run: TMPDIR lies in \/tmp\/qw-0, on a noexec mount: [^\n]+ --root elsewhere\n$/,
  );
  assert.ok((await codes()).includes('noexec'));
  const quiet = await run(qwRun, ['--quiet', ...WHERE], defaults);
  const named = await run(qwRun, ['--root', '/tmp/named', ...WHERE], defaults);
  assert.deepEqual([quiet.stderr, named.stderr], ['', '']);
});

test('a /tmp that lacks its sticky bit is passed over, and that is told once', {
  skip,
}, async (t) => {
  const { defaults } = emptyTmp(t, 'mode=1777');
  chmodSync('/tmp', 0o777);
  const open = await run(qwRun, WHERE, defaults);
  assert.deepEqual([open.code, open.stdout], [0, '/var/tmp/qw-0\n']);
  assert.match(
    open.stderr,
    /^qw-run: TMPDIR lies in \/var\/tmp\/qw-0, since [^\n]+; chmod \+t \/tmp, [^\n]+\n$/,
  );
  const asUser = await run(qwRun, WHERE, { ...defaults, cwd: '/', uid: USER, gid: USER });
  assert.match(asUser.stderr, /; sudo chmod \+t \/tmp, /);
  const { findings } = JSON.parse((await run(qwTmp, ['doctor', '--json'], defaults)).stdout) as Diagnosis;
  assert.equal(findings.find(({ code }) => code === 'root-refused')?.command, 'chmod +t /tmp');
});

test('many first opens at once with several candidates all get the same root', { skip }, async (t) => {
  const here = emptyTmp(t);
  ownedByUser(here);
  const TMPDIR = join(here.box.dir, 'open');
  mkdirSync(TMPDIR);
  chmodSync(TMPDIR, 0o777);
  const env = { ...here.defaults.env, TMPDIR };
  const said = await firstOpens(40, { ...here.defaults, env, uid: USER, gid: USER });
  assert.deepEqual([...new Set(said)], [`removed /tmp/qw-${USER}`]);
  const made = (dir: string) => readdirSync(dir).filter((name) => name.includes(`qw-${USER}`));
  assert.deepEqual([made('/tmp'), made('/var/tmp'), made(TMPDIR)], [[`qw-${USER}`], [], []]);
});

/** Root with the environment of a user, as `sudo -E` leaves it; the home that the system knows for root is empty. */
function asRootInHomeOf(t: TestContext, uid: number): EmptyTmp & { home: string; own: string } {
  const here = emptyTmp(t);
  const own = userInfo().homedir;
  mount('-t', 'tmpfs', '-o', 'mode=700', 'tmpfs', own);
  t.after(() => unmountBelow(own));
  const home = join(here.box.dir, 'home');
  giveAll(home, uid);
  delete here.defaults.env['XDG_STATE_HOME'];
  return { ...here, home, own };
}

const NOTED = '.local/state/qw-run/roots';

test("as root with a user's HOME nothing is written there, but in root's own: case A16", {
  skip,
}, async (t) => {
  const { home, own, defaults, box, ...here } = asRootInHomeOf(t, USER);
  const { env, elsewhere } = fakeClaude({ ...here, box, options: defaults }, '2.1.0');
  const options = { ...defaults, env };
  const before = picture(home);
  assert.equal((await run(qwRun, ['--root', join('/tmp', 'r'), 'claude', '-p', 'x'], options)).code, 0);
  assert.ok(elsewhere.length > 0);
  assert.deepEqual(picture(home), before);
  assert.equal(readFileSync(join(own, NOTED), 'utf8'), '/tmp/r\n');
});

const planted: [what: string, plant: (home: string, target: string) => void][] = [
  ['.local, to a directory of root', (home, target) => symlinkSync(target, join(home, '.local'))],
  ['.local, to nothing', (home, target) => symlinkSync(join(target, 'none'), join(home, '.local'))],
  [
    'below a directory of root',
    (home, target) => {
      mkdirSync(join(home, '.local'));
      give(home, 0);
      symlinkSync(target, join(home, '.local/state'));
    },
  ],
];
for (const [what, plant] of planted)
  test(`a link that a user planted ${what}, leads root nowhere`, { skip }, async (t) => {
    const { home, own, defaults, box } = asRootInHomeOf(t, USER);
    const target = join(box.dir, 'target');
    mkdirSync(target);
    plant(home, target);
    spawnSync('chown', ['-hR', `${USER}`, join(home, '.local')]);
    if (what.startsWith('below')) spawnSync('chown', ['-h', '0', join(home, '.local')]);
    const { code, stderr } = await run(qwRun, ['--root', '/tmp/r', 'true'], defaults);
    assert.deepEqual([code, stderr, readdirSync(target)], [0, '', []]);
    assert.ok(existsSync(join(own, NOTED)));
  });

test('a state directory that others may write is not used either, and nothing is remembered elsewhere', {
  skip,
}, async (t) => {
  const { home, own, defaults } = asRootInHomeOf(t, 0);
  chmodSync(home, 0o777);
  chmodSync(own, 0o777);
  const { code, stderr } = await run(qwRun, ['--root', '/tmp/r', 'true'], defaults);
  assert.deepEqual([code, stderr, readdirSync(home), readdirSync(own)], [0, '', [], []]);
  const { findings } = JSON.parse((await run(qwTmp, ['doctor', '--json'], defaults)).stdout) as Diagnosis;
  const forgotten = findings.find((one) => one.code === 'roots-forgotten');
  assert.equal(forgotten?.command, `namei -l ${dirname(join(home, NOTED))}`);
});

test('a user with a home of their own, its group their own, is served as ever', { skip }, async (t) => {
  const here = emptyTmp(t);
  const options = ownedByUser(here);
  const home = join(here.box.dir, 'home');
  chmodSync(home, 0o775);
  const { XDG_STATE_HOME: _unset, ...env } = options.env;
  env['QW_ROOT'] = '/tmp/r';
  assert.equal((await run(qwRun, ['true'], { ...options, env })).code, 0);
  assert.equal(readFileSync(join(home, NOTED), 'utf8'), '/tmp/r\n');
});
