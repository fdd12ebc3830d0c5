// What doctor makes of machine, variables and agents, as a table; and that the gravest comes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '#src/doctor/findings.js';
import { environment, healthy, machine, place, type Row, testTable } from '../helpers/healthy.js';

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

const TABLE: Row[] = [
  ['a variable that cannot be meant', { environment: bad }, 'problem bad-setting', 'unset QW_GRACE'],
  ['roots are not remembered', { environment: forgotten }, 'note roots-forgotten', 'mkdir -p /no/state'],
  [
    'a log that is none',
    { environment: environment({ log: { ...log, error: 'it is a link' } }) },
    'warning log',
    'mv /no/log ~/',
  ],
  ['no procfs', { machine: machine({ procfs }) }, 'warning no-procfs', 'sudo mount -t proc proc /proc'],
  [
    'hidden processes',
    { machine: machine({ procfs: { ...procfs, isThere: true, hidepid: '2', isBootIdReadable: true } }) },
    'note hidepid',
    'sudo mount -o remount,hidepid=0 /proc',
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
  [
    'no flock',
    { machine: machine({ watchdog: { shell: '/bin/sh', bins: '/b', hasFlock: false } }) },
    'note no-flock',
    'sudo apt-get install util-linux',
  ],
  ['a setting', agent('it hides TMPDIR', '/h/a b'), 'warning agent-setting', `"\${EDITOR:-vi}" '/h/a b'`],
  ['a daemon beside us', daemon, 'note agent-daemon', 'claude agents'],
  ['an old agent', agent('it is too old', null), 'warning agent-setting', 'npm install -g @a/c'],
];

testTable(TABLE);

test('all is well where all is well', () => {
  assert.deepEqual(findings(healthy()), []);
  const windows = machine({
    platform: 'win32',
    procfs,
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
