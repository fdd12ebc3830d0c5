// The part of a look that decides who is in a session decides as the whole does, whatever processes there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { occupantsIn } from '#src/end/occupants.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import { bystanders } from '#src/reap/bystanders.js';
import { DIR, hold, proc, ROOT, snapshotOf, T } from '../helpers/forged.js';
import { fullLease } from '../helpers/full-lease.js';

const OTHER = `${ROOT}/bbbbbbbb`;
const PIDS = [1, 2, 3, 4, 5, 6, 7, 8];
const NOW = Date.now();

const facts: fc.Arbitrary<Partial<ProcessFacts>> = fc.record(
  {
    ppid: fc.constantFrom(0, ...PIDS),
    session: fc.constantFrom(...PIDS),
    readable: fc.boolean(),
    startTime: fc.nat(100),
    tmpdir: fc.constantFrom(T, `${T}/a/b`, `${T}x`, `${OTHER}/tmp`, '/tmp', '//'),
    holds: fc.subarray([hold(), hold(`${OTHER}/tmp/f`, OTHER), { ...hold(), what: 'namespace' as const }]),
  },
  { requiredKeys: ['ppid', 'readable'] },
);

test('a part decides as the whole', () => {
  const seen = { parts: 0, wholes: 0, unreadable: 0 };
  fc.assert(
    fc.property(
      fc.array(facts, { maxLength: PIDS.length }),
      fc.option(fc.constantFrom(...PIDS), { nil: undefined }),
      fc.subarray([hold(), hold(`${OTHER}/tmp/f`, OTHER)]),
      (table, owner, strays) => {
        const snapshot = snapshotOf(
          table.map((one, at) => proc(PIDS[at] as number, one)),
          strays,
        );
        const partFor = bystanders(snapshot, owner === undefined ? [] : [owner]);
        for (const dir of [DIR, OTHER]) {
          const part = partFor(dir);
          const options = {
            root: ROOT,
            dir,
            owner,
            lease: { ...fullLease, createdAt: new Date(0).toISOString() },
            spare: [],
            maxAgeMs: NOW,
            lastSeenAt: NOW,
          };
          const whole = occupantsIn(snapshot, options);
          assert.deepEqual(occupantsIn(part, options), whole);
          if (part === snapshot) seen.wholes += 1;
          else seen.parts += 1;
          if (part !== snapshot && whole.unreadable.length > 0) seen.unreadable += 1;
        }
      },
    ),
    { numRuns: 2_000 },
  );
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `${what}: ${count}`);
});
