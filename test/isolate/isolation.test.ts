// Isolation before anything is mounted: the wish as it is written, the mounts it becomes, what stays in sight, whose marker a
// mount table has, and the words when it cannot be had.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explain } from '#src/isolate/cannot-isolate.js';
import { type IsolationOptions, resolveIsolation } from '#src/isolate/isolation.js';
import { planMounts, sharedPaths } from '#src/isolate/mount-plan.js';
import { findMarkers, findUses } from '#src/process/mount-uses.js';
import { parseMountinfo } from '#src/root/mounts.js';

const GIB = 1024 ** 3;

describe('the wish', () => {
  const table: [IsolationOptions, NodeJS.ProcessEnv, unknown][] = [
    [{}, {}, undefined],
    [{ isolate: 'none' }, { QW_ISOLATE: 'tmp' }, undefined],
    [{}, { QW_ISOLATE: 'tmp' }, { mode: 'tmp', share: [] }],
    [{}, { QW_ISOLATE: '' }, undefined],
    [{ isolate: 'tmpfs' }, {}, { mode: 'tmpfs', sizeBytes: 2 * GIB, share: [] }],
    [{ isolate: 'tmpfs', size: '1.5G' }, {}, { mode: 'tmpfs', sizeBytes: 1.5 * GIB, share: [] }],
    [{ isolate: 'tmp', size: 4194304 }, {}, { mode: 'tmp', sizeBytes: 4194304, share: [] }],
    [{ isolate: 'tmp', share: ['/'] }, {}, { mode: 'tmp', share: ['/'] }],
  ];
  for (const [options, env, expected] of table)
    test(`${JSON.stringify(options)} ${JSON.stringify(env)}`, () =>
      assert.deepEqual(resolveIsolation(options, env), expected));
  const wrong: [IsolationOptions, NodeJS.ProcessEnv, RegExp][] = [
    [{ isolate: 'all' as never }, {}, /^isolate must be none, tmpfs or tmp, not "all"$/],
    [{}, { QW_ISOLATE: 'yes' }, /^QW_ISOLATE must be/],
    [{ size: '2G' }, {}, /^size needs isolate tmpfs or tmp$/],
    [{ isolate: 'tmpfs', size: '0' }, {}, /^size must be at least 1M/],
    [{ isolate: 'tmpfs', size: '536870912' }, {}, /^size needs a size such as 512M or 2G, not "536870912"$/],
    [{ isolate: 'tmpfs', size: '2X' }, {}, /^size needs a size such as 512M or 2G, not "2X"$/],
    [{ isolate: 'tmpfs', share: ['/'] }, {}, /^share needs isolate tmp$/],
    [{ isolate: 'tmp', share: ['/no/such'] }, {}, /^share: "\/no\/such" is not there$/],
  ];
  for (const [options, env, message] of wrong)
    test(`${JSON.stringify(options)} ${JSON.stringify(env)} is told`, () =>
      assert.throws(() => resolveIsolation(options, env), { code: 'ERR_QW_USAGE', message }));
});

describe('the mounts', () => {
  const root = '/tmp/qw-1000';
  const dir = `${root}/abcd1234`;
  const plan = (isolation: Parameters<typeof planMounts>[0]['isolation'], more = {}) =>
    planMounts({ isolation, root, dir, covered: ['/tmp', '/var/tmp'], shared: [], ...more });

  test('tmpfs: over TMPDIR, which keeps its name', () => {
    const { tmpdir, root: inner, args } = plan({ mode: 'tmpfs', sizeBytes: 5, share: [] });
    assert.deepEqual([tmpdir, inner], [`${dir}/tmp`, root]);
    assert.deepEqual(args, [
      ...['--dev-bind', '/', '/', '--bind', `${dir}/inside`, `${dir}/inside`],
      ...['--perms', '0700', '--size', '5', '--tmpfs', `${dir}/tmp`],
    ]);
  });
  test('tmp: TMPDIR over /tmp and /var/tmp, what is shared on top, runs inside in a root of their own', () => {
    const { tmpdir, root: inner, args } = plan({ mode: 'tmp', share: [] }, { shared: ['/tmp/.X11-unix'] });
    assert.deepEqual([tmpdir, inner], ['/tmp', '/tmp/qw']);
    assert.deepEqual(args, [
      ...['--dev-bind', '/', '/', '--bind', `${dir}/tmp`, '/tmp', '--bind', `${dir}/tmp`, '/var/tmp'],
      ...['--bind', '/tmp/.X11-unix', '/tmp/.X11-unix', '--bind', `${dir}/inside`, '/tmp/.qw-session'],
    ]);
  });
  test('tmp: a root elsewhere stays where it is', () => {
    const { root: inner, args } = planMounts({
      isolation: { mode: 'tmp', share: [] },
      root: '/home/me/qw',
      dir: '/home/me/qw/abcd1234',
      covered: ['/tmp'],
      shared: [],
    });
    assert.equal(inner, '/home/me/qw');
    assert.deepEqual(args.slice(-2), ['/home/me/qw/abcd1234/inside', '/home/me/qw/abcd1234/inside']);
  });
  test('tmp with a size: a tmpfs over each', () => {
    const { args } = plan({ mode: 'tmp', sizeBytes: 7, share: [] });
    assert.deepEqual(args.slice(3, 9), ['--perms', '1777', '--size', '7', '--tmpfs', '/tmp']);
    assert.deepEqual(args.slice(9, 15), ['--perms', '1777', '--size', '7', '--tmpfs', '/var/tmp']);
  });
});

describe('what stays in sight', () => {
  const shared = (env: NodeJS.ProcessEnv, cwd = '/home/me', named: string[] = [], absent: string[] = []) =>
    sharedPaths({
      env,
      uid: 1000,
      cwd,
      named,
      covered: ['/tmp', '/var/tmp'],
      resolve: (path) => (absent.includes(path) ? undefined : path),
    });
  const fixed = ['/tmp/.ICE-unix', '/tmp/.X11-unix', '/tmp/tmux-1000'];

  test('display and tmux, where they are there', () => {
    assert.deepEqual(shared({}), fixed);
    assert.deepEqual(shared({}, '/home/me', [], fixed), []);
  });
  const table: [NodeJS.ProcessEnv, string][] = [
    [{ SSH_AUTH_SOCK: '/tmp/ssh-x/agent.7' }, '/tmp/ssh-x/agent.7'],
    [{ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/tmp/dbus-1,guid=00' }, '/tmp/dbus-1'],
    [{ HOME: '/tmp/home' }, '/tmp/home'],
    [{ XAUTHORITY: '/var/tmp/xauth' }, '/var/tmp/xauth'],
    [{ TMUX: '/tmp/other/default,42,0' }, '/tmp/other/default'],
  ];
  for (const [env, path] of table)
    test(JSON.stringify(env), () => assert.deepEqual(shared(env, '/', [], fixed), [path]));
  test('nothing that is not covered, and not what covers', () => {
    const env = { SSH_AUTH_SOCK: '/run/user/1000/agent', WAYLAND_DISPLAY: 'wayland-0', XAUTHORITY: '/tmp' };
    assert.deepEqual(shared(env, '/tmp', ['/tmpfoo/x'], fixed), []);
  });
  test('the working directory and what is named; what is below another goes with it', () => {
    assert.deepEqual(shared({}, '/tmp/p/q', ['/tmp/p', '/tmp/z'], fixed), ['/tmp/p', '/tmp/z']);
  });
});

describe('the marker in a mount table', () => {
  const table = (...roots: string[]) =>
    parseMountinfo(roots.map((root) => `36 35 8:1 ${root} /any rw - ext4 /dev/x rw\n`).join(''));
  const places = [
    { path: '/tmp/qw', device: '8:1', root: '/fs/qw' },
    { path: '/tmp/qw/.trash/x', device: '8:1', root: '/fs/qw/.trash/x' },
  ];
  const watch = { roots: ['/tmp/qw'], dirs: new Set(['/tmp/qw/.trash/x']) };
  const dirs = (...roots: string[]) => findMarkers(watch, places, table(...roots)).map(({ dir }) => dir);

  test('names its session, also in the trash', () => {
    assert.deepEqual(dirs('/fs/qw/abcd1234/inside'), ['/tmp/qw/abcd1234']);
    assert.deepEqual(dirs('/fs/qw/.trash/x/inside'), ['/tmp/qw/.trash/x']);
    assert.deepEqual(dirs('/fs/qw/abcd1234/inside//deleted'), ['/tmp/qw/abcd1234'], 'it was removed');
  });
  test('nothing else of a session is one', () => {
    const others = [
      '',
      '/inside',
      '/abcd1234',
      '/abcd1234/tmp',
      '/abcd1234/tmp/inside',
      '/abcd1234/inside/x',
    ];
    assert.deepEqual(dirs(...others.map((path) => `/fs/qw${path}`), '/fs/qw/toolong12/inside'), []);
  });
  test('nor is the same path on another file system', () => {
    const other = parseMountinfo('36 35 8:2 /fs/qw/abcd1234/inside /any rw - ext4 /dev/y rw\n');
    assert.deepEqual(findMarkers(watch, places, other), []);
  });
});

describe('what else a mount table tells of a session', () => {
  const place = { path: '/tmp/qw', device: '8:1', root: '/fs/qw', mountRoot: '/fs' };
  const watch = { roots: ['/tmp/qw'] };
  const T = '/tmp/qw/abcd1234/tmp';
  const line = (root: string, point: string, [device, rest] = ['8:1', 'ext4 /dev/x rw']) =>
    `36 35 ${device} ${root} ${point} rw - ${rest}\n`;
  const overlay = (options: string) => line('/', '/any', ['0:9', `overlay overlay rw,${options}`]);
  const uses = (...lines: string[]) =>
    findUses(watch, [place], parseMountinfo(lines.join(''))).map(({ what, path }) => `${what} ${path}`);

  test('that it is mounted, or what is in it', () => {
    const at = [line('/fs/qw/abcd1234/tmp', '/mnt'), line('/fs/qw/abcd1234/tmp/a\\040b', '/mnt/b')];
    assert.deepEqual(uses(...at), [`mount ${T}`, `mount ${T}/a b`]);
  });
  test('nothing else is a use', () => {
    const others = ['/', '/fs', '/fs/qw', '/fs/qw/abcd1234', '/fs/qw/abcd1234/tmp/x//deleted', '/fs/other'];
    const far = line('/fs/qw/abcd1234/tmp', '/mnt', ['8:2', 'ext4 /dev/y rw']);
    assert.deepEqual(uses(...others.map((root) => line(root, '/mnt')), far), []);
  });
  test('of its own members nothing but that they are in it', () => {
    const own = [line('/fs/qw/abcd1234/inside', '/m'), line('/fs/qw/abcd1234/tmp', '/tmp')];
    assert.deepEqual(uses(...own, overlay(`upperdir=${T}/u`)), ['namespace /tmp/qw/abcd1234']);
    assert.deepEqual(uses(...own, line('/fs/qw/beside00/tmp/x', '/x')), [
      'namespace /tmp/qw/abcd1234',
      'mount /tmp/qw/beside00/tmp/x',
    ]);
  });
  test('that a directory a file system is mounted on is there too is no use', () => {
    const temporary = { path: '/tmp', device: '0:5', root: '/', mountRoot: '/' };
    const table = parseMountinfo(line('/', '/tmp', ['0:5', 'tmpfs tmpfs rw']));
    assert.deepEqual(findUses({ roots: [], dirs: new Set(['/tmp']) }, [temporary], table), []);
  });
  const layers: [string, string, string[]][] = [
    ['the lower ones', `lowerdir=/usr:${T}/a:${T}/b::${T}/c`, ['a', 'b', 'c']],
    ['the upper one and its work', `lowerdir=/usr,upperdir=${T}/u,workdir=${T}/w`, ['u', 'w']],
    ['one by one', `lowerdir+=/usr,lowerdir+=${T}/a,datadir+=${T}/d`, ['a', 'd']],
    ['with a colon, newer', `lowerdir=${T}/o\\072x:/usr`, ['o:x']],
    ['with what was escaped', `lowerdir=${T}/l\\134\\054o\\134:w\\040x:/usr`, ['l\\,o\\:w x', 'l,o:w x']],
    ['none of them', 'lowerdir=/usr,upperdir=/tmp/qwx,workdir=/tmp/qw/abcd1234', []],
  ];
  for (const [what, options, found] of layers)
    test(`layers of an overlay: ${what}`, () =>
      assert.deepEqual(
        uses(overlay(options)),
        found.map((path) => `layer ${T}/${path}`),
      ));
  test('a layer is found by what its path is there', () =>
    assert.deepEqual(uses(line('/fs', '/inside'), overlay('lowerdir=/inside/qw/abcd1234/tmp/a:/usr')), [
      `layer ${T}/a`,
    ]));
});

describe('why it cannot be had', () => {
  const linux = { platform: 'linux' as const, readSetting: () => undefined, isFiltered: false };
  const setting = (name: string, value: string) => ({
    ...linux,
    readSetting: (asked: string) => (asked === name ? value : undefined),
  });
  const denied = 'bwrap: setting up uid map: Permission denied\n';
  const table: [string, Parameters<typeof explain>, RegExp, RegExp][] = [
    ['another system', [{}, { ...linux, platform: 'darwin' }], /needs Linux.*darwin/, /./],
    ['no bubblewrap', [{ missing: 'bwrap' }, linux], /bwrap.*not installed/, /apt install bubblewrap/],
    [
      'AppArmor',
      [{ stderr: denied }, setting('kernel/apparmor_restrict_unprivileged_userns', '1')],
      /AppArmor/,
      /docs\/isolation\.md/,
    ],
    [
      'Debian',
      [
        { stderr: 'bwrap: No permissions to create new namespace\n' },
        setting('kernel/unprivileged_userns_clone', '0'),
      ],
      /unprivileged_userns_clone=0/,
      /sysctl -w kernel\.unprivileged_userns_clone=1/,
    ],
    [
      'none allowed',
      [
        { stderr: 'bwrap: Creating new namespace failed: No space left on device\n' },
        setting('user/max_user_namespaces', '0'),
      ],
      /max_user_namespaces=0/,
      /sysctl/,
    ],
    [
      'a container',
      [
        { stderr: 'bwrap: No permissions to create new namespace, likely because …\n' },
        { ...linux, isFiltered: true },
      ],
      /seccomp filter forbids namespaces/,
      /--security-opt seccomp=unconfined/,
    ],
    [
      'a container without seccomp, on a machine where AppArmor has more to say',
      [
        { stderr: 'bwrap: Failed to make / slave: Permission denied\n' },
        setting('kernel/apparmor_restrict_unprivileged_userns', '1'),
      ],
      /mounts are forbidden/,
      /--security-opt apparmor=unconfined/,
    ],
    ['no procfs', [{ missing: 'procfs' }, linux], /\/proc does not show/, /mount -t proc/],
    [
      'its own words',
      [{ stderr: "x\nbwrap: Can't find \x1b source\n" }, linux],
      /^Can't find \\x1b source$/,
      /by hand/,
    ],
    ['no words', [{}, linux], /without a word/, /by hand/],
  ];
  for (const [name, given, what, advice] of table)
    test(name, () => {
      const told = explain(...given);
      assert.match(told.what, what);
      assert.match(told.advice, advice);
    });
});
