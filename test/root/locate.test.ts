// Where sessions may live: the candidates in their order, the names in them, and how long a TMPDIR gets.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isWithin,
  MAX_TMPDIR_BYTES,
  newId,
  SESSION_ID,
  sessionOfPath,
  tmpdirBytes,
} from '#src/root/layout.js';
import { namedRoot, type RootQuestion, rootCandidates } from '#src/root/locate.js';

const question: RootQuestion = {
  env: {},
  uid: 1000,
  platform: 'linux',
  insideSession: false,
  hasUserQuota: () => false,
  isNoexec: () => false,
};
const roots = (more: Partial<RootQuestion>) =>
  rootCandidates({ ...question, ...more }).map(({ path }) => path);
const DEFAULTS = ['/tmp/qw-1000', '/var/tmp/qw-1000'];
const NESTED = { QW_SESSION: 'abcd1234', QW_ROOT: '/r', TMPDIR: '/r/abcd1234/tmp' };

describe('candidates for a root', () => {
  const table: [what: string, question: Partial<RootQuestion>, expected: string[]][] = [
    ['the defaults', {}, DEFAULTS],
    ['a TMPDIR of the user first', { env: { TMPDIR: '/big' } }, ['/big/qw-1000', ...DEFAULTS]],
    ['TMPDIR=/tmp only once', { env: { TMPDIR: '/tmp' } }, DEFAULTS],
    ['TMPDIR=/tmp/ only once', { env: { TMPDIR: '/tmp/' } }, DEFAULTS],
    ['TMPDIR=/var/tmp before /tmp', { env: { TMPDIR: '/var/tmp' } }, [...DEFAULTS].reverse()],
    ['not an empty TMPDIR', { env: { TMPDIR: '' } }, DEFAULTS],
    ['not a relative TMPDIR', { env: { TMPDIR: 'tmp' } }, DEFAULTS],
    ['what was named, alone', { explicit: '/r', env: { TMPDIR: '/big' } }, ['/r']],
    [
      'a quota of each user last',
      { hasUserQuota: (path) => path.startsWith('/tmp/') },
      [...DEFAULTS].reverse(),
    ],
    ['quotas everywhere: as without', { hasUserQuota: () => true }, DEFAULTS],
    [
      'noexec after the others',
      { env: { TMPDIR: '/big' }, isNoexec: (path) => !path.startsWith('/var/tmp/') },
      ['/var/tmp/qw-1000', '/big/qw-1000', '/tmp/qw-1000'],
    ],
    [
      'noexec before a quota of each user',
      {
        env: { TMPDIR: '/big' },
        isNoexec: (path) => path.startsWith('/big/'),
        hasUserQuota: (path) => path.startsWith('/tmp/'),
      },
      ['/var/tmp/qw-1000', '/big/qw-1000', '/tmp/qw-1000'],
    ],
    ['noexec everywhere: as without', { isNoexec: () => true }, DEFAULTS],
    ['noexec where it was named', { explicit: '/r', isNoexec: () => true }, ['/r']],
    [
      'inside a session: beside it, then in it',
      { env: NESTED, insideSession: true },
      ['/r', `${NESTED.TMPDIR}/qw`, ...DEFAULTS],
    ],
    [
      'on Windows',
      { platform: 'win32', env: { LOCALAPPDATA: 'C:\\U\\L', TMPDIR: '/t' } },
      ['C:\\U\\L\\Temp\\qw'],
    ],
    ['on Windows, named', { platform: 'win32', explicit: 'D:\\r' }, ['D:\\r']],
    [
      'on Windows without its variable',
      { platform: 'win32', env: { USERPROFILE: 'C:\\U' } },
      ['C:\\U\\AppData\\Local\\Temp\\qw'],
    ],
  ];
  for (const [what, it, expected] of table) test(what, () => assert.deepEqual(roots(it), expected));
  test('on Windows inside a session: beside it, as everywhere', () =>
    assert.equal(roots({ platform: 'win32', env: { ...NESTED, QW_ROOT: 'D:\\r' } })[0], 'D:\\r'));
  test('say where they come from, and why one comes last', () => {
    const all = rootCandidates({
      ...question,
      env: { TMPDIR: '/big' },
      hasUserQuota: (path) => path.startsWith('/tmp/'),
    });
    assert.deepEqual(
      all.map(({ source }) => source),
      ['TMPDIR', '/var/tmp', '/tmp'],
    );
    assert.deepEqual(
      all.map(({ why }) => /quota/.test(why)),
      [false, false, true],
    );
    assert.deepEqual(
      rootCandidates({ ...question, env: NESTED, insideSession: true }).map(({ source }) => source),
      ['session', 'session', '/tmp', '/var/tmp'],
    );
  });
  test('QW_ROOT is named by the user unless a session of ours set it', () => {
    const table = [{ QW_ROOT: '/r' }, { QW_ROOT: '' }, {}, NESTED, { QW_ROOT: '/r', QW_SESSION: '' }];
    assert.deepEqual(table.map(namedRoot), ['/r', undefined, undefined, undefined, '/r']);
  });
  test('are short enough for sockets, for the largest uid there is', () => {
    const paths = roots({ uid: 4_294_967_294 });
    for (const path of paths) assert.ok(tmpdirBytes(path) <= 36, `${path}: ${tmpdirBytes(path)}`);
    assert.equal(MAX_TMPDIR_BYTES, 48);
    assert.equal(tmpdirBytes('/tmp/qw-1000'), '/tmp/qw-1000/abcdefgh/tmp'.length);
    assert.equal(tmpdirBytes('/ü'), 3 + 13, 'bytes, not characters');
  });
});

describe('names', () => {
  test('of sessions are 8 characters a-z0-9, and not twice the same', () => {
    const ids = Array.from({ length: 5_000 }, newId);
    for (const id of ids) assert.match(id, /^[a-z0-9]{8}$/);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of [
      '',
      'abcd123',
      'abcd12345',
      'ABCD1234',
      'abcd-123',
      '.trash12',
      'abcd1234\n',
      '../../ab',
    ])
      assert.doesNotMatch(id, SESSION_ID);
  });
  test('of paths are compared by component', () => {
    const inside = ['/r/abcd1234/tmp', '/r/abcd1234/tmp/', '/r/abcd1234/tmp/x/y'];
    const outside = [
      '/r',
      '/r/abcd1234',
      '/r/abcd1234/tmpx',
      '/r/abcd1234/lease.json',
      '/r2/abcd1234/tmp',
      '/r/.trash/tmp',
    ];
    for (const path of inside) assert.equal(sessionOfPath('/r', path), '/r/abcd1234', path);
    for (const path of [...outside, 'r/abcd1234/tmp', '', '/x/r/abcd1234/tmp'])
      assert.equal(sessionOfPath('/r', path), undefined, path);
    const pairs = [
      ['/a/b', '/a/b'],
      ['/a/b', '/a/b/c'],
      ['/', '/a'],
      ['/a/b', '/a/bc'],
      ['/a/b', '/a'],
      ['/a/b', ''],
    ];
    assert.deepEqual(
      pairs.map(([dir = '', path = '']) => isWithin(dir, path)),
      [true, true, true, false, false, false],
    );
  });
});
