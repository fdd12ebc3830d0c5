// Whom a dead owner left behind to keep a namespace: exactly the process that the lease names, in that session's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isToBeCopied, leftKeeper } from '#src/judge/left-keepers.js';
import type { Lease } from '#src/lease/lease.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import { DIR, hold, proc, ROOT, tableOf } from '../helpers/forged.js';

const HOLDER = proc(7, { startTime: 70, holds: [{ dir: DIR, what: 'namespace', path: DIR }] });
const found = (isolate: Partial<Lease['isolate']>) => ({
  kind: 'good' as const,
  lease: { isolate: { mode: 'tmpfs', holder: 7, holderStartTime: 70, ...isolate } } as Lease,
  heartbeatAt: 0,
  version: { dev: 0, ino: 0, ctimeMs: 0, size: 0 },
});
const place = { dir: DIR, owner: 'dead' as const, found: found({}) };
const holds = (dir: string, what: 'file' | 'namespace') => ({
  ...HOLDER,
  holds: [{ ...hold(dir, dir), what }],
});

test('it, once the owner is dead', () => assert.equal(leftKeeper(place, tableOf([HOLDER])), HOLDER));

const table: [string, Partial<Parameters<typeof leftKeeper>[0]>, ProcessFacts?][] = [
  ['while the owner lives', { owner: 'alive' }],
  ['where the owner is elsewhere, and pids mean others', { owner: 'elsewhere' }],
  ['without a good lease', { found: { kind: 'bad', why: '' } }],
  ['of an older lease', { found: found({ holderStartTime: undefined as never }) }],
  ['where somebody else has its pid', { found: found({ holderStartTime: 71 }) }],
  ['where the lease names nobody', { found: found({ holder: 0 }) }],
  ['outside', {}, { ...HOLDER, holds: [] }],
  ['that only has something open there', {}, holds(DIR, 'file')],
  ["in another session's namespace", {}, holds(`${ROOT}/bbbbbbbb`, 'namespace')],
];
for (const [name, changes, facts = HOLDER] of table)
  test(`nobody ${name}`, () =>
    assert.equal(leftKeeper({ ...place, ...changes }, tableOf([facts])), undefined));

const keep = (changes: Partial<Lease>) => {
  const memory = found({ sizeBytes: 4096 });
  return { ...memory, lease: { ...memory.lease, keep: true as const, ...changes } };
};
const waits: [string, Partial<Parameters<typeof isToBeCopied>[0]>, boolean][] = [
  ['that is to be kept', {}, true],
  ['of a living owner: that one copies it', { owner: 'alive' }, false],
  ['that is not to be kept', { found: found({ sizeBytes: 4096 }) }, false],
  ['that was copied', { found: keep({ kept: { at: '' } }) }, false],
  ['that was on disk anyway', { found: keep({ isolate: { mode: 'tmp' } }) }, false],
];
for (const [name, changes, expected] of waits)
  test(`what is in memory ${name}: ${expected ? 'waits' : 'does not wait'}`, () =>
    assert.equal(isToBeCopied({ owner: 'dead', found: keep({}), ...changes }), expected));
