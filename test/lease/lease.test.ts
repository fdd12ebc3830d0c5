// The lease as text: what is written is read back, and never has more than 4 KiB; who owns it is never cut.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Lease, MAX_LEASE_BYTES, parseLease, serializeLease } from '#src/lease/lease.js';
import { fullLease as full } from '../helpers/full-lease.js';

const PLAIN = { noNullPrototype: true };
const text = (max: number) => fc.string({ unit: 'binary', maxLength: max });
const identity = fc.record({ pid: fc.integer({ min: 1, max: 2 ** 22 }), startTime: fc.maxSafeNat() }, PLAIN);
const date = fc.date({ noInvalidDate: true }).map((at) => at.toISOString());
const leases = (max: number): fc.Arbitrary<Lease> =>
  fc.record(
    {
      version: fc.constant(1 as const),
      id: fc.stringMatching(/^[a-z0-9]{8}$/),
      backend: fc.constantFrom('claude', 'codex', 'gemini', 'generic'),
      command: fc.array(text(max), { maxLength: max }),
      cwd: text(max),
      createdAt: date,
      bootedAt: fc.integer(),
      owner: fc
        .tuple(identity, fc.uuid(), fc.nat().map(String), fc.string({ maxLength: 64 }), fc.nat(2 ** 32 - 2))
        .map(([who, bootId, pidNamespace, host, uid]) => ({ ...who, bootId, pidNamespace, host, uid })),
      label: text(max),
      agent: identity,
      parent: fc.stringMatching(/^[a-z0-9]{8}$/),
      ending: date,
      kept: fc.record({ at: date, missing: text(5) }, { ...PLAIN, requiredKeys: ['at'] }),
      survivors: fc.constant('keep' as const),
      spare: fc.array(text(max), { maxLength: max }),
    },
    { ...PLAIN, requiredKeys: ['version', 'id', 'backend', 'command', 'cwd', 'createdAt', 'owner'] },
  );

test('a lease is read back as it was written', () => {
  assert.deepEqual(parseLease(serializeLease(full)), full);
  const {
    label: _,
    bootedAt: _b,
    agent: _a,
    parent: _p,
    ending: _e,
    kept: _k,
    survivors: _s,
    spare: _sp,
    ...least
  } = full;
  assert.deepEqual(parseLease(serializeLease(least)), least);
  const isSame = (lease: Lease) => assert.deepEqual(parseLease(serializeLease(lease)), lease);
  fc.assert(fc.property(leases(5), isSame), { numRuns: 1_000 });
});

test('why something is missing is cut like all that is for people', () => {
  const lease = { ...full, kept: { at: full.createdAt, missing: '\0'.repeat(5_000) } };
  const written = serializeLease(lease);
  assert.ok(Buffer.byteLength(written) <= MAX_LEASE_BYTES, `${Buffer.byteLength(written)} bytes`);
  assert.equal(parseLease(written)?.kept?.missing?.length, 128);
});

describe('a lease of any length', () => {
  const stays = ({ label: _, command: _c, cwd: _w, spare: _s, ...rest }: Lease) => rest;
  const fits = (lease: Lease, rest: (lease: Lease) => object = stays) => {
    const written = serializeLease(lease);
    assert.ok(Buffer.byteLength(written) <= MAX_LEASE_BYTES, `${Buffer.byteLength(written)} bytes`);
    const back = parseLease(written);
    assert.ok(back, 'it can be read');
    assert.deepEqual(rest(back), rest(lease), 'owner, agent and marks are never cut');
  };
  test('never has more than 4 KiB and keeps what decides', () => {
    assert.equal(MAX_LEASE_BYTES, 4096);
    fc.assert(
      fc.property(leases(200), (lease) => fits(lease)),
      { numRuns: 300 },
    );
  });
  const long: [what: string, lease: Partial<Lease>][] = [
    ['one argument of 2 MB', { command: ['claude', '-p', 'x'.repeat(2e6)] }],
    ['100 000 arguments', { command: Array(100_000).fill('word') }],
    ['100 000 empty arguments', { command: Array(100_000).fill('') }],
    [
      'control characters, six bytes each in JSON',
      { label: '\u0001'.repeat(9999), cwd: '\u001b'.repeat(4096) },
    ],
    ['characters of four bytes', { label: '\u{1f600}'.repeat(3000), command: ['\u{1f600}'.repeat(3000)] }],
    ['lone surrogates', { label: '\ud800'.repeat(3000), command: ['\udc00'.repeat(3000)] }],
    ['many spared names', { spare: Array(2000).fill('daemon') }],
  ];
  for (const [what, lease] of long) test(what, () => fits({ ...full, ...lease }));
  test('QW_SESSION of 5000 characters, inherited as its parent', () =>
    fits({ ...full, parent: 'x'.repeat(5000) }, ({ parent: _, ...rest }) => stays(rest)));
});
