// Somebody else was there first, or could come later: a root that another user owns, may write or may swap is refused when
// it was named, passed over when it was not, and never reaped.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { emptyTmp } from '../helpers/empty-tmp.js';
import { qwRun } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { picture } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { give, noUsers, OTHER, ownedByUser, USER } from '../helpers/users.js';

const skip = inPrivateMounts(import.meta.url) || noUsers();
const SAY_WHERE = ['--no-watchdog', '--', 'sh', '-c', 'echo "$TMPDIR"; echo "$QW_ROOT" >&2'];

/** A directory with all bits of `mode`, whatever the umask, and the directories above it. */
function directory(path: string, mode: number, uid: number): void {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path);
  chmodSync(path, mode);
  give(path, uid);
}

/** What may lie at a path where `uid` wants its root. */
const occupied: [what: string, make: (path: string, uid: number) => void, why: RegExp][] = [
  ["another user's directory", (path) => directory(path, 0o700, OTHER), /belongs to uid 61018/],
  ["another user's directory, open to all", (path) => directory(path, 0o777, OTHER), /belongs to uid 61018/],
  [
    'a link to a directory of ours',
    (path, uid) => {
      directory(`${path}-target`, 0o700, uid);
      symlinkSync(`${path}-target`, path);
    },
    /link/,
  ],
  ['a link into nowhere', (path) => symlinkSync(`${path}-missing`, path), /link/],
  ['a file', (path) => writeFileSync(path, ''), /not a directory/],
  ['a directory of ours that all may write', (path, uid) => directory(path, 0o777, uid), /0777.*chmod 700/],
  ['a sticky directory of ours that all may write', (path, uid) => directory(path, 0o1777, uid), /mode/],
  [
    'a directory of ours that a group may read',
    (path, uid) => directory(path, 0o750, uid),
    /0750.*chmod 700/,
  ],
];

for (const uid of [0, USER]) {
  const who = uid === 0 ? 'root' : 'a user';

  for (const [what, make, why] of uid === 0 ? occupied.slice(1, 3) : occupied) {
    test(`${who} names a root that is ${what}: 125, and nothing is touched`, { skip }, async (t) => {
      const here = scene(t);
      const options = { ...ownedByUser(here), uid, gid: uid };
      const root = join(here.box.dir, 'home/root');
      if (uid === 0) give(here.box.dir, 0);
      if (uid === 0) give(dirname(root), 0);
      make(root, uid);
      const before = picture(dirname(root));
      const env = { ...options.env, QW_ROOT: root };
      const { code, stdout, stderr } = await run(qwRun, ['--no-watchdog', 'echo', 'ran'], {
        ...options,
        env,
      });
      assert.deepEqual([code, stdout], [125, '']);
      assert.match(stderr, /^qw-run: [^\n]+\n$/);
      assert.ok(stderr.includes(root), stderr);
      assert.match(stderr, why);
      assert.deepEqual(picture(dirname(root)), before);
    });

    test(`/tmp/qw-<uid> is ${what}: ${who} gets /var/tmp/qw-<uid>`, { skip }, async (t) => {
      const { defaults } = emptyTmp(t);
      const [tmp, varTmp] = [`/tmp/qw-${uid}`, `/var/tmp/qw-${uid}`];
      make(tmp, uid);
      const before = picture('/tmp').filter((line) => line.startsWith('qw-'));
      const { code, stdout, stderr } = await run(qwRun, SAY_WHERE, { ...defaults, uid, gid: uid });
      assert.equal(code, 0, stderr);
      const line = `qw-run: TMPDIR lies in ${varTmp}, since root "${tmp}" [^\\n]+`;
      assert.match(stderr, new RegExp(`^${line}\n${varTmp}\n$`));
      assert.match(stderr, why);
      assert.match(stdout, new RegExp(`^${varTmp}/[a-z0-9]{8}/tmp\n$`));
      assert.ok(!existsSync(stdout.trim()));
      assert.deepEqual(
        picture('/tmp').filter((line) => line.startsWith('qw-')),
        before,
      );
    });
  }

  test(`no default root can be used: ${who} gets 125, each named with its reason`, { skip }, async (t) => {
    const here = emptyTmp(t);
    const { defaults, box } = here;
    ownedByUser(here);
    if (uid === 0) give(box.dir, uid);
    const users = join(box.dir, 'users');
    directory(users, 0o777, uid);
    directory(`/tmp/qw-${uid}`, 0o700, OTHER);
    symlinkSync('/var/tmp', `/var/tmp/qw-${uid}`);
    const env = { ...defaults.env, TMPDIR: users };
    const { code, stdout, stderr } = await run(qwRun, ['--no-watchdog', 'echo', 'ran'], {
      ...defaults,
      env,
      uid,
      gid: uid,
    });
    assert.deepEqual([code, stdout], [125, ''], stderr);
    assert.match(stderr, /^qw-run: [^\n]+\n$/);
    for (const root of [`${users}`, `/tmp/qw-${uid}`, `/var/tmp/qw-${uid}`])
      assert.ok(stderr.includes(root), stderr);
    assert.match(stderr, /writable by others.*belongs to uid 61018.*link.*--root/s);
  });
}

test('a TMPDIR that is not there or cannot be reached is passed over', { skip }, async (t) => {
  const { defaults, box } = emptyTmp(t);
  chmodSync(box.dir, 0o700);
  for (const TMPDIR of [join(box.dir, 'home'), '/no/such']) {
    const options = { ...defaults, cwd: '/', env: { ...defaults.env, TMPDIR }, uid: USER, gid: USER };
    const { code, stderr } = await run(qwRun, SAY_WHERE, options);
    assert.equal(code, 0, stderr);
    const line = `qw-run: TMPDIR lies in /tmp/qw-${USER}, since root "${TMPDIR}/qw-${USER}" [^\\n]+`;
    assert.match(stderr, new RegExp(`^${line}\n/tmp/qw-${USER}\n$`));
  }
});
