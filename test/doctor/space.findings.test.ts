// What doctor makes of the file systems, as a table; and that what it says names who takes the room.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '#src/doctor/findings.js';
import { healthy, place, type Row, session, size, testTable } from '../helpers/healthy.js';

const LOOK = 'du -xhd1 /tmp 2>/dev/null | sort -h | tail';
const BESIDE = '/m/mine /m/r/k3j9x0ab /m/r/.qw-root'.split(' ');
const elsewhere = place({ dir: '/x', serves: ['/x'], writeError: 'ENOSPC' });
const quota = (used: number) => ({ bytes: null, inodes: { used, limit: 100 } });

const TABLE: Row[] = [
  ['the quota is used up', { places: [place({ writeError: 'EDQUOT' })] }, 'problem full', LOOK],
  [
    'no room, and statfs says nothing',
    { places: [place({ writeError: 'ENOSPC', bytes: null })] },
    'problem full',
    LOOK,
  ],
  [
    'no room elsewhere',
    { places: [place(), elsewhere] },
    'warning full',
    'du -xhd1 /x 2>/dev/null | sort -h | tail',
  ],
  [
    'what fills it lies beside the root',
    {
      places: [
        place({
          writeError: 'ENOSPC',
          serves: ['/tmp/qw-1000'],
          largest: BESIDE.map((path) => ({ path, bytes: 1, entries: 1 })),
        }),
      ],
    },
    'problem full',
    'du -xhd1 /m 2>/dev/null | sort -h | tail',
  ],
  ['few bytes are left', { places: [place({ missing: { bytes: 1, inodes: 0 } })] }, 'warning low', LOOK],
  ['few inodes are left', { places: [place({ missing: { bytes: 0, inodes: 1 } })] }, 'warning low', LOOK],
  ['little of the quota is left', { places: [place({ quota: quota(96) })] }, 'warning low', LOOK],
  ['more than the quota is used', { places: [place({ quota: quota(101) })] }, 'warning low', LOOK],
  [
    'noatime',
    { places: [place({ atime: 'noatime' })] },
    'note noatime',
    'sudo mount -o remount,relatime /tmp',
  ],
];

testTable(TABLE);

test('half of a quota is enough', () => {
  assert.deepEqual(findings({ ...healthy(), places: [place({ quota: quota(50) })] }), []);
});

test('a full one names its largest, and what the reaper would take is the way out', () => {
  const largest = [{ path: '/tmp/claude-1000', bytes: 2 ** 30, entries: 63_370 }];
  const facts = { ...healthy(), places: [place({ writeError: 'EDQUOT', largest })] };
  const stale = { ...size(2 ** 29, 9), count: 1 };
  const legacy = [{ dir: '/tmp', pattern: '/tmp/claude-1000', maker: 'C', count: 1, size: size(), stale }];
  const [told] = findings(facts);
  assert.match(told?.text ?? '', /quota.*EDQUOT.*\/tmp\/claude-1000 1\.0 GiB \(63,370 entries\)/);
  assert.equal(findings({ ...facts, legacy })[0]?.command, 'qw-tmp reap --legacy');
  const sessions = [session({ state: 'orphan' })];
  assert.equal(findings({ ...facts, legacy, sessions })[0]?.command, 'qw-tmp reap');
});
