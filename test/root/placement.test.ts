// What the user of a session hears of its place: what somebody may want to mend, and no every-day noise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QwRunError, type QwRunErrorCode } from '#src/errors.js';
import type { RootCandidate, RootSource } from '#src/root/locate.js';
import { type PassedOver, placementWarnings } from '#src/root/placement.js';

const at = (path: string, source: RootSource, isNoexec = false): RootCandidate => ({
  path,
  source,
  why: '',
  isNoexec,
});
const tmp = at('/tmp/qw-1', '/tmp');
const varTmp = at('/var/tmp/qw-1', '/var/tmp');
const refused = (candidate: RootCandidate, code: QwRunErrorCode = 'ERR_QW_NO_SPACE') => ({
  candidate,
  error: new QwRunError(code, `root ${candidate.path} will not do`),
});
const long = (path: string) => refused(at(path, 'TMPDIR'), 'ERR_QW_ROOT_TOO_LONG');

type Row = [what: string, ...Required<Parameters<typeof placementWarnings>>, expected: RegExp[]];
const anywhere = () => false;
const rows: [what: string, RootCandidate, root: string, passedOver: PassedOver[], expected: RegExp[]][] = [
  ['the first', tmp, '/tmp/qw-1', [], []],
  ['the second', varTmp, '/v', [refused(tmp)], [/^TMPDIR lies in \/v, since root \/tmp\/qw-1 will not do$/]],
  ['the third', varTmp, '/v', [long('/long/qw-1'), refused(tmp)], [/\/long\/qw-1 will not do; root \/tmp/]],
  ['a TMPDIR too long', tmp, '/tmp/qw-1', [long('/long/qw-1')], [/since root \/long/]],
  ['the TMPDIR that macOS gives everybody', tmp, '/tmp/qw-1', [long('/var/folders/x/y/T/qw-1')], []],
  ['a root named', at('/r', 'named', true), '/r', [], []],
  ['inside a session', at('/s/tmp/qw', 'session'), '/s/tmp/qw', [refused(at('/s', 'session'))], []],
  ['inside a session, and then not', tmp, '/tmp/qw-1', [refused(at('/s', 'session'))], []],
  ['noexec', at('/tmp/qw-1', '/tmp', true), '/tmp/qw-1', [], [/on a noexec mount.*--root/]],
  ['both', at('/v', '/var/tmp', true), '/v', [refused(tmp)], [/since/, /noexec/]],
];

const inMemory = (path: string) => path.startsWith('/tmp') || path.startsWith('/run');
const table: Row[] = [
  ...rows.map(
    ([what, candidate, root, over, expected]): Row => [what, candidate, root, over, anywhere, expected],
  ),
  [
    'memory, and the user has a disk',
    tmp,
    '/tmp/qw-1',
    [long('/data/long/qw-1')],
    inMemory,
    [/since/, /in memory.*--root/],
  ],
  ['memory, as the user has it', tmp, '/tmp/qw-1', [long('/run/long/qw-1')], inMemory, [/since/]],
  ['a disk', varTmp, '/var/tmp/qw-1', [long('/data/long/qw-1'), refused(tmp)], inMemory, [/since/]],
];

for (const [what, candidate, root, passedOver, isInMemory, expected] of table)
  test(`${what}: ${expected.length} lines`, () => {
    const lines = placementWarnings(candidate, root, passedOver, isInMemory);
    assert.equal(lines.length, expected.length, lines.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? '', pattern);
  });
