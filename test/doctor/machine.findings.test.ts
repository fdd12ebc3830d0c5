// What doctor makes of machine, variables and agents, as a table; and that the gravest comes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '#src/doctor/findings.js';
import { environment, healthy, machine, place, type Row, testTable } from '../helpers/healthy.js';

const directory = (name: string, more = {}) => ({
  environment: environment({
    directories: [{ name, value: '/t', isThere: true, goesWith: null, ...more }],
  }),
});
const bad = environment({ settings: [{ name: 'QW_GRACE', value: 'soon', error: 'no' }] });
const forgotten = environment({ state: { dir: '/no/state', isWritable: false, isOurs: true } });
const log = { file: '/no/log', bytes: 0, isOn: true, error: null };
const procfs = { isThere: false, hidepid: null, isBootIdReadable: false };
const someAgent = {
  ...{ name: 'claude' as const, path: '/c', version: null, pack: '@a/c', sets: {} },
  ...{ isOutweighed: false, outweighed: [], warnings: [], daemon: null },
};
const agent = (text: string, path: string | null) => ({
  agents: [{ ...someAgent, warnings: [{ text, path }] }],
});
const daemon = { agents: [{ ...someAgent, daemon: { pid: 7, tmpdir: '/t' } }] };
const ageing = ['/tmp/qw-1000', '/home/me/.qw'].map((dir) => ({
  dir,
  rule: { kind: 'age' as const, path: '/tmp', age: '10d', file: '/usr/lib/tmpfiles.d/tmp.conf' },
}));
const EXCLUDE = `sudo sh -c 'printf '\\''x /tmp/qw-*\\nx /home/me/.qw\\n'\\'' > /etc/tmpfiles.d/qw-run.conf'`;

const named = ['/tmp/qw-1000', '/tmp/qw-1000/*/tmp/'].map((path) => ({
  dir: '/tmp/qw-1000',
  rule: { kind: 'age' as const, path, age: '10d', file: '/etc/tmpfiles.d/mine.conf' },
}));
const EXCLUDE_NAMED = `sudo sh -c 'printf '\\''x /tmp/qw-1000/*\\nx /tmp/qw-1000/*/tmp/*\\n'\\'' > /etc/tmpfiles.d/qw-run.conf'`;

const TABLE: Row[] = [
  ['a variable that cannot be meant', { environment: bad }, 'problem bad-setting', 'unset QW_GRACE'],
  ['no passes', { environment: environment({ isReaping: false }) }, 'note reaper-off', 'unset QW_REAP'],
  ['roots are not remembered', { environment: forgotten }, 'note roots-forgotten', 'mkdir -p /no/state'],
  [
    'no receipts',
    { environment: environment({ log: { ...log, isOn: false } }) },
    'note log-off',
    'unset QW_LOG',
  ],
  [
    'a log that is none',
    { environment: environment({ log: { ...log, error: 'it is a link' } }) },
    'warning log',
    'mv /no/log ~/',
  ],
  ['TMPDIR is gone', directory('TMPDIR', { isThere: false }), 'warning inherited', 'unset TMPDIR'],
  ['another’s', directory('TMP', { goesWith: 'other session' }), 'warning inherited', 'unset TMP'],
  [
    'a cache of another’s',
    directory('NODE_COMPILE_CACHE', { goesWith: 'other session', isThere: false }),
    'warning inherited',
    'unset NODE_COMPILE_CACHE',
  ],
  [
    'a cache of ours',
    directory('NODE_COMPILE_CACHE', { goesWith: 'own session' }),
    'note inherited',
    'unset NODE_COMPILE_CACHE',
  ],
  ['Claude’s own', directory('CLAUDE_CODE_TMPDIR'), 'note inherited', 'unset CLAUDE_CODE_TMPDIR'],
  ['no procfs', { machine: machine({ procfs }) }, 'warning no-procfs', 'sudo mount -t proc proc /proc'],
  [
    'no procfs, no ps',
    { machine: machine({ platform: 'darwin', ps: null, procfs }) },
    'warning no-ps',
    'sudo apt-get install procps',
  ],
  [
    'hidden processes',
    { machine: machine({ procfs: { ...procfs, isThere: true, hidepid: '2', isBootIdReadable: true } }) },
    'note hidepid',
    'sudo mount -o remount,hidepid=0 /proc',
  ],
  [
    'no boot id',
    { machine: machine({ procfs: { ...procfs, isThere: true } }) },
    'warning boot-id',
    'cat /proc/sys/kernel/random/boot_id',
  ],
  [
    'no shell',
    { machine: machine({ watchdog: { shell: null, bins: '/b', hasFlock: true } }) },
    'warning no-watchdog',
    'sudo apt-get install dash',
  ],
  [
    'no bins',
    { machine: machine({ watchdog: { shell: '/bin/sh', bins: null, hasFlock: true } }) },
    'warning no-watchdog',
    'npm install -g qw-run',
  ],
  ['no rm', { machine: machine({ rm: null }) }, 'warning no-rm', 'sudo apt-get install coreutils'],
  [
    'a plain rm',
    { machine: machine({ rm: { flavour: 'BusyBox', hasOneFileSystem: false } }) },
    'note rm-crosses',
    'sudo apt-get install coreutils',
  ],
  [
    'no flock',
    { machine: machine({ watchdog: { shell: '/bin/sh', bins: '/b', hasFlock: false } }) },
    'note no-flock',
    'sudo apt-get install util-linux',
  ],
  ['a rule of theirs', { tmpfiles: { isActive: true, ageing: named } }, 'warning tmpfiles', EXCLUDE_NAMED],
  ['ageing, without locks', { tmpfiles: { isActive: true, ageing } }, 'warning tmpfiles', EXCLUDE],
  ['a setting', agent('it hides TMPDIR', '/h/a b'), 'warning agent-setting', `"\${EDITOR:-vi}" '/h/a b'`],
  ['a daemon beside us', daemon, 'note agent-daemon', 'claude agents'],
  ['an old agent', agent('it is too old', null), 'warning agent-setting', 'npm install -g @a/c'],
];

testTable(TABLE);

test('all is well where all is well, and where nobody acts on the rules of systemd', () => {
  assert.deepEqual(findings(healthy()), []);
  assert.deepEqual(findings({ ...healthy(), tmpfiles: { isActive: false, ageing } }), []);
  assert.deepEqual(findings({ ...healthy(), ...directory('TMPDIR', { goesWith: 'own session' }) }), []);
  const windows = machine({
    platform: 'win32',
    procfs,
    ps: null,
    rm: null,
    watchdog: { shell: null, bins: null, hasFlock: false },
  });
  assert.deepEqual(findings({ ...healthy(), machine: windows }), []);
});

test('the gravest comes first, and nothing is told twice', () => {
  const places = [place({ writeError: 'ENOSPC', atime: 'noatime', missing: { bytes: 9, inodes: 9 } })];
  const found = findings({ ...healthy(), places, environment: forgotten, ...agent('it hides TMPDIR', '/h') });
  const told = found.map(({ weight, code }) => `${weight} ${code}`);
  assert.deepEqual(told, ['problem full', 'warning agent-setting', 'note noatime', 'note roots-forgotten']);
});

test('a wish for isolation that cannot be met is a problem; without the wish it is none', () => {
  const given = { machine: machine({ isolation: 'no isolation here: why' }) };
  const wished = (value: string) =>
    findings({
      ...healthy(),
      ...given,
      environment: environment({ settings: [{ name: 'QW_ISOLATE', value, error: null }] }),
    }).map(({ weight, code, command }) => [weight, code, command]);
  assert.deepEqual(wished('tmp'), [['problem', 'no-isolation', 'unset QW_ISOLATE']]);
  assert.deepEqual([wished('none'), findings({ ...healthy(), ...given })], [[], []]);
});
