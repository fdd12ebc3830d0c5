// What doctor makes of the candidates for the root, as a table.
import { environment, type Row, root, testTable } from '../helpers/healthy.js';

const HOME_ROOT = 'export QW_ROOT="$HOME/.qw"';
/** The command that chooses this one. */
const use = ({ path }: { path: string }) => `export QW_ROOT=${path}`;
const other = root({ path: '/var/tmp/qw-1000', state: 'spare' });

const refused = (code: 'UNSAFE' | 'UNUSABLE' | 'NOT_OURS' | null, message: string, more = {}) =>
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
const stranger = refused('NOT_OURS', 'it was not made by qw-run', { path: '/tmp/qw-1' });
const open = refused(
  'UNSAFE',
  'root "/tmp/qw-1" is not safe: "/tmp" is writable by others; sudo chmod +t /tmp, or choose another root',
);
const noexec = root({ isNoexec: true });
const chosen = root({ path: '/var/tmp/qw-1000' });
const shared = root({ type: 'tmpfs', hasUserQuota: true });
const memory = root({ type: 'tmpfs' });
const long = root({ tmpdirBytes: 37 });
const lost = refused('UNUSABLE', 'its parent is missing', { source: 'TMPDIR' });

const TABLE: Row[] = [
  ['the named one is open to others', { roots: [chmod] }, 'problem no-root', "chmod 700 '/a b/r'"],
  [
    'the one that QW_ROOT names is a link',
    {
      roots: [linked],
      environment: environment({ settings: [{ name: 'QW_ROOT', value: '/a b/r', error: null }] }),
    },
    'problem no-root',
    'unset QW_ROOT',
  ],
  ['the one that --root names is a link', { roots: [linked] }, 'problem no-root', 'qw-tmp doctor'],
  ['the named one lacks its parent', { roots: [orphaned] }, 'problem no-root', "mkdir -p '/a b'"],
  ['none can be used', { roots: [foreign] }, 'problem no-root', HOME_ROOT],
  ['the first is another user’s', { roots: [foreign, chosen] }, 'warning root-refused', use(chosen)],
  ['the first is not ours', { roots: [stranger, chosen] }, 'warning root-refused', use(chosen)],
  [
    'the first lies in a /tmp without the sticky bit',
    { roots: [open, chosen] },
    'warning root-refused',
    'sudo chmod +t /tmp',
  ],
  ['noexec', { roots: [noexec] }, 'warning noexec', HOME_ROOT],
  [
    'noexec, and only one of the others is not',
    { roots: [noexec, { ...noexec, state: 'spare' }, other] },
    'warning noexec',
    use(other),
  ],
  ['the first cannot be written', { roots: [unwritable, chosen] }, 'note root-refused', use(chosen)],
  ['a quota per user, another is there', { roots: [shared, other] }, 'warning user-quota', use(other)],
  ['a quota per user, and no other', { roots: [shared] }, 'warning user-quota', HOME_ROOT],
  ['memory, another is on disk', { roots: [memory, other] }, 'note in-memory', use(other)],
  [
    'memory, and so is the other',
    { roots: [memory, { ...other, type: 'tmpfs' }] },
    'note in-memory',
    HOME_ROOT,
  ],
  ['a long TMPDIR', { roots: [long] }, 'note long-tmpdir', HOME_ROOT],
  ['a TMPDIR that is gone', { roots: [lost, chosen] }, 'note root-refused', use(chosen)],
  [
    'full ones are told with their file system',
    { roots: [full, memory, other] },
    'note in-memory',
    use(other),
  ],
];

testTable(TABLE.map(([what, facts, ...rest]) => [what, { ...facts, places: [] }, ...rest]));
