// What other programs say, read as they mean it: quota, rm, mount options, the rules of systemd-tmpfiles. Pure.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { componentMatcher, components } from '#src/backends/patterns.js';
import { agentProfiles } from '#src/backends/profiles.js';
import { LEFTOVERS } from '#src/doctor/leftovers.js';
import { hidepidOf, rmFlavour } from '#src/doctor/machine.js';
import { parseQuota } from '#src/doctor/quota.js';
import { parseTmpfiles, ruleAbove, ruleInside, tmpfilesFindings } from '#src/doctor/tmpfiles.js';

describe('quota -v -w -p', () => {
  const HEAD = `Disk quotas for user me (uid 1000): 
     Filesystem  blocks   quota   limit   grace   files   quota   limit   grace\n`;
  const table: [what: string, text: string, expected: ReturnType<typeof parseQuota>][] = [
    ['nothing', '', null],
    ['no quota', 'Disk quotas for user me (uid 1000): none\n', null],
    [
      'no limit',
      `${HEAD}      /dev/sda1      20       0       0       0       2       0       0       0\n`,
      null,
    ],
    [
      'both limits',
      `${HEAD}      /dev/sda1      20      50     100       0       2       0      30       0\n`,
      { bytes: { used: 20_480, limit: 102_400 }, inodes: { used: 2, limit: 30 } },
    ],
    [
      'over the soft limit, no hard one',
      `${HEAD}/dev/mapper/a-long-name      60*     50       0 1700000000      2       0       0       0\n`,
      { bytes: { used: 61_440, limit: 51_200 }, inodes: null },
    ],
  ];
  for (const [what, text, expected] of table) test(what, () => assert.deepEqual(parseQuota(text), expected));
});

describe('rm', () => {
  const table: [text: string, flavour: string, stays: boolean][] = [
    ['rm (GNU coreutils) 9.1\nUsage: rm\n  --one-file-system', 'GNU', true],
    ['BusyBox v1.35.0 multi-call binary.\nUsage: rm [-irf] FILE...', 'BusyBox', false],
    ['rm (uutils coreutils) 0.0.27\n  --one-file-system', 'uutils', true],
    ['usage: rm [-f | -i] [-dIPRrvWx] file ...', 'other', false],
  ];
  for (const [text, flavour, hasOneFileSystem] of table)
    test(flavour, () => assert.deepEqual(rmFlavour(text), { flavour, hasOneFileSystem }));
});

test('hidepid by number and by name', () => {
  const table: [option: string, hidden: string | null][] = [
    ['relatime', null],
    ['hidepid=0', null],
    ['hidepid=off', null],
    ['hidepid=2', '2'],
    ['hidepid=invisible', 'invisible'],
  ];
  for (const [option, hidden] of table) assert.equal(hidepidOf(['rw', option]), hidden, option);
});

describe('tmpfiles.d', () => {
  const DEFAULT = '# comment\nq /tmp 1777 root root 10d\nq /var/tmp 1777 root root 30d\n';
  const table: [dir: string, text: string, age: string | null][] = [
    ['/tmp/qw-1000', DEFAULT, '10d'],
    ['/var/tmp/qw-1000', DEFAULT, '30d'],
    ['/home/me/.qw', DEFAULT, null],
    ['/tmp/qw-1000', 'D /tmp 1777 root root -\n', null],
    ['/tmp/qw-1000', `${DEFAULT}x /tmp/qw-*\n`, null],
    ['/tmp/qw-1000', `${DEFAULT}x /tmp/qw-1000/\n`, null],
    ['/tmp/qw-1000', `${DEFAULT}x /tmp/other-*\n`, '10d'],
    ['/tmp/qw-1000', `${DEFAULT}X /tmp/qw-*\n`, '10d'], // keeps the directory, not what is in it
    ['/tmp/a/qw-1000', `${DEFAULT}x /tmp/*\n`, null], // a parent that is excluded is not entered
    ['/tmp/a/qw-1000', `${DEFAULT}x /tmp/qw-*\n`, '10d'],
    ['/tmp/qw-1000', `${DEFAULT}x /tmp/qw-[0-9]*\n`, null],
    ['/tmp/qw-1000', `${DEFAULT}x /tmp/qw-[0-9\nx /tmp/(\n`, '10d'],
    ['/tmp/qw-1000', 'e! /tmp - - - 1d\n', '1d'],
    ['/tmp/qw-1000', 'f /tmp/qw-1000 0700 me me 1d\n', null],
  ];
  for (const [dir, text, age] of table)
    test(`${dir}: ${JSON.stringify(text)}`, () => {
      assert.equal(ruleAbove(dir, parseTmpfiles(text, 'x.conf'))?.age ?? null, age);
    });
});

describe('a rule of tmpfiles.d for a root, or for what is in it', () => {
  const table: [text: string, age: string | null][] = [
    ['q /tmp 1777 root root 10d\n', null],
    ['d /tmp/qw-1000 0700 me me abcm:2h\n', 'abcm:2h'],
    ['e /tmp/qw-*/ - - - 3d\n', '3d'],
    ['e /tmp/qw-1000/* - - - 3d\n', '3d'],
    ['e /tmp/*/*/tmp - - - 3d\n', '3d'],
    ['e /tmp/qw-1/tmp - - - 3d\n', null],
    ['d /tmp/qw-1000 0700 me me -\n', null],
    ['e /tmp/qw-1000 - - - 3d\nx /tmp/qw-*\n', '3d'], // the root itself is not what is entered
    ['e /tmp/qw-1000 - - - 3d\nx /tmp/qw-*/*\n', null],
    ['e /tmp/qw-*/ - - - 3d\nx /tmp/qw-*/*\n', null],
    ['e /tmp/qw-*/*/tmp - - - 3d\nx /tmp/qw-*/*\n', '3d'],
    ['e /tmp/qw-*/*/tmp - - - 3d\nx /tmp/qw-*/*/tmp/*\n', null],
  ];
  for (const [text, age] of table)
    test(JSON.stringify(text), () => {
      assert.equal(ruleInside('/tmp/qw-1000', parseTmpfiles(text, 'x.conf'))?.age ?? null, age);
    });
});

test('the lines that keep it away mean the root itself, whatever its name', () => {
  const dir = `/tmp/my "100%" root's`;
  const text = 'q /tmp 1777 root root 10d\n';
  const rule = ruleAbove(dir, parseTmpfiles(text, 'x.conf')) ?? assert.fail();
  const [{ command } = assert.fail()] = tmpfilesFindings({ isActive: true, ageing: [{ dir, rule }] });
  const print = command.replace('sudo ', '').replace('> /etc/tmpfiles.d/qw-run.conf', '');
  const lines = execFileSync('sh', ['-c', print], { encoding: 'utf8' });
  assert.equal(lines, `x "/tmp/my \\"100%%\\" root's"\n`); // as systemd 252 reads it
  assert.equal(ruleAbove(dir, parseTmpfiles(text + lines, 'x.conf')), undefined);
});

test('everything the reaper takes of agents without us has a maker', () => {
  for (const [first = ''] of agentProfiles().flatMap(({ legacy }) =>
    legacy.map(({ path }) => components(path)),
  ))
    assert.ok(
      LEFTOVERS.some(({ pattern }) => pattern === first),
      first,
    );
  const known = LEFTOVERS.find(({ pattern }) => componentMatcher(pattern, 7)('claude-7'));
  assert.equal(known?.isShared, true);
});
