// What doctor makes of the candidates for the root, as a table.
import { type Row, root, testTable } from '../helpers/healthy.js';

const HOME_ROOT = 'export QW_ROOT="$HOME/.qw"';
const other = root({ path: '/var/tmp/qw-1000', state: 'spare' });

const refused = (code: 'UNSAFE' | 'UNUSABLE' | null, message: string, more = {}) =>
  root({
    state: 'refused',
    refusal: { code: code && `ERR_QW_ROOT_${code}`, message },
    ...more,
  });
const named = { path: '/a b/r', source: 'named' as const };

const chmod = refused('UNSAFE', 'its mode is 0755, not 0700: chmod 700 /a b/r', named);
const linked = refused('UNSAFE', 'it is a link', named);
const orphaned = refused('UNUSABLE', 'make it first: mkdir -p /a b', named);
const foreign = refused('UNSAFE', 'it belongs to uid 7');
const unwritable = refused(null, 'a write is refused (EACCES)', { writeError: 'EACCES' });
const full = refused(null, 'a write is refused (ENOSPC)', { path: '/full', writeError: 'ENOSPC' });
const chosen = root({ path: '/var/tmp/qw-1000' });
const shared = root({ type: 'tmpfs', hasUserQuota: true });
const memory = root({ type: 'tmpfs' });
const long = root({ tmpdirBytes: 37 });
const lost = refused('UNUSABLE', 'its parent is missing', { source: 'TMPDIR' });

const TABLE: Row[] = [
  ['the named one is open to others', { roots: [chmod] }, 'problem no-root', "chmod 700 '/a b/r'"],
  ['the named one is a link', { roots: [linked] }, 'problem no-root', 'unset QW_ROOT'],
  ['the named one lacks its parent', { roots: [orphaned] }, 'problem no-root', "mkdir -p '/a b'"],
  ['none can be used', { roots: [foreign] }, 'problem no-root', HOME_ROOT],
  [
    'the first is another user’s',
    { roots: [foreign, chosen] },
    'warning root-refused',
    `export QW_ROOT=${chosen.path}`,
  ],
  [
    'the first cannot be written',
    { roots: [unwritable, chosen] },
    'note root-refused',
    `export QW_ROOT=${chosen.path}`,
  ],
  [
    'a quota per user, another is there',
    { roots: [shared, other] },
    'warning user-quota',
    `export QW_ROOT=${other.path}`,
  ],
  ['a quota per user, and no other', { roots: [shared] }, 'warning user-quota', HOME_ROOT],
  [
    'memory, another is on disk',
    { roots: [memory, other] },
    'note in-memory',
    `export QW_ROOT=${other.path}`,
  ],
  [
    'memory, and so is the other',
    { roots: [memory, { ...other, type: 'tmpfs' }] },
    'note in-memory',
    HOME_ROOT,
  ],
  ['a long TMPDIR', { roots: [long] }, 'note long-tmpdir', HOME_ROOT],
  [
    'full ones are told with their file system, a TMPDIR that is gone with its variable',
    { roots: [full, lost, memory, other] },
    'note in-memory',
    `export QW_ROOT=${other.path}`,
  ],
];

testTable(TABLE.map(([what, facts, ...rest]) => [what, { ...facts, places: [] }, ...rest]));
