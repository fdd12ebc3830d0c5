// A million random facts against a second reading of the verdict table, and what must hold whatever the facts: a living
// owner, an occupant or `kept` is never removed, and more recent evidence never turns keeping into removing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judge, type SessionFacts } from '#src/judge/judge.js';

const HOUR = 3_600_000;

/** Row by row as the table has it; `maxAgeMs` is already at least an hour. The state without procfs is not laid down. */
function oracle(facts: SessionFacts, maxAgeMs: number): string {
  const { lease, isKept, owner, isLocked, agent, occupants, heartbeatAgeMs, newestAgeMs } = facts;
  const isGood = lease === 'good';
  const isNewestOld = newestAgeMs !== undefined && newestAgeMs >= maxAgeMs;
  const isSomebodyThere = agent === 'alive' || (occupants ?? 0) > 0;
  const table: [matches: boolean, state: string][] = [
    [isGood && isKept, 'kept'],
    [isGood && owner === 'alive', 'live'],
    [isGood && owner === 'elsewhere' && isLocked === true, 'foreign'],
    [isGood && owner === 'elsewhere' && !(heartbeatAgeMs >= maxAgeMs && isNewestOld), 'foreign'],
    [isSomebodyThere, 'held'],
    [occupants === undefined && !isNewestOld, 'unknown'],
    [isGood && owner === 'dead', 'orphan'],
    [isGood && owner === 'elsewhere', 'orphan'],
    [!isGood && !isNewestOld, 'unknown'],
    [!isGood, 'orphan'],
  ];
  return table.find(([matches]) => matches)?.[1] ?? 'no row';
}

const LEASES = ['good', 'bad', 'none'] as const;
const OWNERS = ['alive', 'dead', 'elsewhere'] as const;
const AGENTS = ['alive', 'dead', 'unnamed'] as const;
const MAX_AGES = [0, -HOUR, 1, HOUR - 1, HOUR, HOUR + 1, 6 * HOUR, 24 * HOUR, 72 * HOUR, 1e11];

/** Facts out of plain numbers: cheap enough for a million. Only combinations that can be: no good lease, no owner. */
function factsFrom(bits: number, heartbeat: number, newest: number): [SessionFacts, maxAgeMs: number] {
  let rest = bits;
  const pick = (count: number): number => {
    const picked = rest % count;
    rest = Math.floor(rest / count);
    return picked;
  };
  const maxAgeMs = MAX_AGES[pick(MAX_AGES.length)] as number;
  const lease = LEASES[pick(2) && pick(3)] as (typeof LEASES)[number]; // mostly good
  const isGood = lease === 'good';
  const facts: SessionFacts = {
    lease,
    isKept: isGood && pick(4) === 0,
    owner: isGood ? (OWNERS[pick(3)] as (typeof OWNERS)[number]) : 'unknown',
    agent: isGood ? (AGENTS[pick(3)] as (typeof AGENTS)[number]) : 'unnamed',
    occupants: [0, 0, 0, undefined, 1, 7][pick(6)],
    heartbeatAgeMs: isGood ? age(pick(4), heartbeat, maxAgeMs) : Infinity,
    newestAgeMs: pick(8) === 0 ? undefined : age(pick(4), newest, maxAgeMs),
    isLocked: pick(4) === 0,
  };
  return [facts, maxAgeMs];
}

/** Near the boundary, or anywhere between a year ahead and a year ago. */
const age = (kind: number, random: number, maxAgeMs: number): number =>
  kind === 0 ? Math.max(maxAgeMs, HOUR) + (random % 3) : (random - 2 ** 31) * 15;

const word = fc.noBias(fc.noShrink(fc.integer({ min: 0, max: 2 ** 32 - 1 })));

test('a million random facts get the verdict the table gives, and never one that loses what is in use', (t) => {
  const batch = fc.noShrink(fc.uint32Array({ minLength: 1503, maxLength: 1503 }));
  const seen = new Map<string, number>();
  let count = 0;
  fc.assert(
    fc.property(fc.noBias(batch), (numbers) => {
      for (let at = 0; at < numbers.length; at += 3) {
        const [bits = 0, heartbeat = 0, newest = 0] = numbers.subarray(at, at + 3);
        const [facts, maxAgeMs] = factsFrom(bits, heartbeat, newest);
        check(facts, maxAgeMs, seen);
        count += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  t.diagnostic(`${count} random facts: ${JSON.stringify(Object.fromEntries([...seen].sort()))}`);
  assert.ok(count >= 1_000_000, `${count} facts`);
  for (const state of ['kept', 'live', 'foreign', 'held', 'orphan', 'unknown'])
    assert.ok((seen.get(state) ?? 0) > 1_000, `${state} came up ${seen.get(state) ?? 0} times`);
});

function check(facts: SessionFacts, maxAgeMs: number, seen: Map<string, number>): void {
  const { state } = judge(facts, { maxAgeMs });
  const isRemoved = state === 'orphan';
  seen.set(state, (seen.get(state) ?? 0) + 1);
  const fail = (what: string) => assert.fail(`${what}: ${state} for ${show(facts)}, max age ${maxAgeMs}`);
  if (state !== oracle(facts, Math.max(maxAgeMs, HOUR)))
    fail(`not ${oracle(facts, Math.max(maxAgeMs, HOUR))}`);
  if (facts.isKept !== (state === 'kept')) fail('kept');
  if (isRemoved && facts.owner === 'alive') fail('the owner is alive');
  if (isRemoved && (facts.agent === 'alive' || (facts.occupants ?? 0) > 0)) fail('somebody is there');
}

test('more recent evidence never turns keeping into removing', () => {
  fc.assert(
    fc.property(word, word, word, word, word, (bits, heartbeat, newest, laterBy, more) => {
      const [facts, maxAgeMs] = factsFrom(bits, heartbeat, newest);
      const younger: SessionFacts = {
        ...facts,
        heartbeatAgeMs: facts.heartbeatAgeMs - laterBy,
        newestAgeMs: facts.newestAgeMs === undefined ? undefined : facts.newestAgeMs - more * 3,
      };
      const occupied = facts.occupants === undefined ? facts : { ...facts, occupants: facts.occupants + 1 };
      if (isOrphan(facts, maxAgeMs)) return;
      const locked = { ...facts, isLocked: true };
      for (const better of [younger, occupied, locked, { ...facts, newestAgeMs: undefined }])
        assert.ok(!isOrphan(better, maxAgeMs), `${show(facts)} was kept, ${show(better)} is removed`);
      assert.ok(!isOrphan(facts, maxAgeMs + laterBy), `a longer max age removes ${show(facts)}`);
    }),
    { numRuns: 50_000 },
  );
});

test('facts that cannot be, such as an owner without a lease, are answered all the same and keep what lives', () => {
  const anyAge = fc.oneof(fc.double(), fc.constantFrom(undefined, 0, -1, HOUR, Infinity, -Infinity, NaN));
  const facts = fc.record({
    lease: fc.constantFrom(...LEASES),
    isKept: fc.boolean(),
    owner: fc.constantFrom(...OWNERS, 'unknown' as const),
    agent: fc.constantFrom(...AGENTS),
    occupants: fc.option(fc.nat(3), { nil: undefined }),
    heartbeatAgeMs: anyAge.map((ageMs) => ageMs ?? 0),
    newestAgeMs: anyAge,
  });
  fc.assert(
    fc.property(facts, fc.double(), (it, maxAgeMs) => {
      const { state, reason } = judge(it, { maxAgeMs });
      assert.match(state, /^(live|held|kept|orphan|foreign|unknown)$/);
      assert.notEqual(reason, '');
      const lives = it.isKept || it.owner === 'alive' || it.agent === 'alive' || (it.occupants ?? 0) > 0;
      assert.ok(!lives || state !== 'orphan', show(it));
      assert.ok(
        it.newestAgeMs === undefined || it.newestAgeMs >= HOUR || it.owner === 'dead' || state !== 'orphan',
      );
    }),
    { numRuns: 20_000 },
  );
});

const isOrphan = (facts: SessionFacts, maxAgeMs: number): boolean =>
  judge(facts, { maxAgeMs }).state === 'orphan';
const show = (facts: SessionFacts): string => JSON.stringify(facts);
