// What other programs say, read as they mean it: quota, mount options. Pure.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { components } from '#src/backends/patterns.js';
import { agentProfiles } from '#src/backends/profiles.js';
import { LEFTOVERS } from '#src/doctor/leftovers.js';
import { hidepidOf } from '#src/doctor/machine.js';
import { parseQuota } from '#src/doctor/quota.js';

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

test('everything the reaper takes of agents without us has a maker', () => {
  for (const [first = ''] of agentProfiles().flatMap(({ legacy }) =>
    legacy.map(({ path }) => components(path)),
  ))
    assert.ok(
      LEFTOVERS.some(({ pattern }) => pattern === first),
      first,
    );
});
