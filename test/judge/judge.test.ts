// The verdict table of the design, row by row: the state each row gives, that the first matching row wins, what happens
// exactly at max age, and that doubt (not measured, clock jumped back) keeps.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge, type SessionFacts } from '#src/judge/judge.js';

const HOUR = 3_600_000;
const MAX_AGE = 72 * HOUR;
const YOUNG = MAX_AGE - 1;
const OLD = MAX_AGE;

/** Nobody is there, and everything is as old as can be: only what a test names can keep it. */
const deserted: SessionFacts = {
  lease: 'good',
  isKept: false,
  owner: 'dead',
  agent: 'dead',
  occupants: 0,
  heartbeatAgeMs: 1e12,
  newestAgeMs: 1e12,
};
const noLease = { lease: 'none', owner: 'unknown', agent: 'unnamed', heartbeatAgeMs: Infinity } as const;
const badLease = { ...noLease, lease: 'bad' } as const;
const elsewhere = { owner: 'elsewhere', agent: 'unnamed' } as const;

const stateOf = (facts: Partial<SessionFacts>, maxAgeMs = MAX_AGE) =>
  judge({ ...deserted, ...facts }, { maxAgeMs }).state;

type Row = [what: string, facts: Partial<SessionFacts>, state: string];

function rows(table: Row[]): void {
  for (const [what, facts, state] of table) {
    test(`${what}: ${state}`, () => assert.equal(stateOf(facts), state, JSON.stringify(facts)));
  }
}

describe('each row', () => {
  rows([
    ['2: the lease says kept', { isKept: true }, 'kept'],
    ['2: the lease says kept, not all of it', { isKept: true, isKeptInPart: true }, 'kept'],
    ['3: the owner is alive', { owner: 'alive' }, 'live'],
    ['4: elsewhere, heartbeat young', { ...elsewhere, heartbeatAgeMs: YOUNG }, 'foreign'],
    ['4: elsewhere, a file young', { ...elsewhere, newestAgeMs: YOUNG }, 'foreign'],
    ['4: elsewhere, its lock held, both old', { ...elsewhere, isLocked: true }, 'foreign'],
    ['5: owner dead, agent alive', { agent: 'alive' }, 'held'],
    ['5: owner dead, somebody in it', { occupants: 1 }, 'held'],
    ['5: owner elsewhere and old, agent alive', { ...elsewhere, agent: 'alive' }, 'held'],
    ['5: owner elsewhere and old, somebody in it', { ...elsewhere, occupants: 3 }, 'held'],
    ['5: no lease, somebody in it', { ...noLease, occupants: 1 }, 'held'],
    ['5: bad lease, somebody in it', { ...badLease, occupants: 1 }, 'held'],
    ['5b: owner dead, nobody, work in it', { hasWork: true }, 'kept'],
    ['5b: elsewhere and old, nobody, work in it', { ...elsewhere, hasWork: true }, 'kept'],
    ['5b: no lease, old, nobody, work in it', { ...noLease, hasWork: true }, 'kept'],
    ['5: owner dead, somebody in it, work in it', { occupants: 1, hasWork: true }, 'held'],
    ['6: owner dead, nobody', {}, 'orphan'],
    ['6: owner dead, no agent ever named, nobody', { agent: 'unnamed' }, 'orphan'],
    ['6: at any age: a moment old', { heartbeatAgeMs: 0, newestAgeMs: 0 }, 'orphan'],
    ['6: at any age: not measured', { heartbeatAgeMs: 0, newestAgeMs: undefined }, 'orphan'],
    ['6: owner dead, its lock held', { isLocked: true }, 'orphan'],
    ['7: elsewhere, both old, nobody', elsewhere, 'orphan'],
    ['7: elsewhere, its lock free, both old', { ...elsewhere, isLocked: false }, 'orphan'],
    ['8: no lease, a file young', { ...noLease, newestAgeMs: YOUNG }, 'unknown'],
    ['8: bad lease, a file young', { ...badLease, newestAgeMs: YOUNG }, 'unknown'],
    ['9: no lease, old, nobody', noLease, 'orphan'],
    ['9: bad lease, old, nobody', badLease, 'orphan'],
  ]);
});

describe('where two rows match, the first wins', () => {
  rows([
    ['kept before live', { isKept: true, owner: 'alive' }, 'kept'],
    ['kept before foreign', { isKept: true, ...elsewhere, heartbeatAgeMs: 0 }, 'kept'],
    ['kept before held', { isKept: true, occupants: 2, agent: 'alive' }, 'kept'],
    ['live before held', { owner: 'alive', occupants: 5, agent: 'alive' }, 'live'],
    ['a held lock before held', { ...elsewhere, isLocked: true, occupants: 5 }, 'foreign'],
    ['kept before a held lock', { isKept: true, ...elsewhere, isLocked: true }, 'kept'],
    ['foreign before held', { ...elsewhere, heartbeatAgeMs: 0, occupants: 5 }, 'foreign'],
    ['held before orphan of a dead owner', { agent: 'alive', occupants: 0 }, 'held'],
    ['held before unknown', { ...noLease, newestAgeMs: 0, occupants: 1 }, 'held'],
  ]);
});

describe('the reason', () => {
  const reasonOf = (facts: Partial<SessionFacts>) =>
    judge({ ...deserted, ...facts }, { maxAgeMs: MAX_AGE }).reason;
  test('is agent-gone for a living owner whose named agent is dead', () => {
    assert.equal(reasonOf({ owner: 'alive', agent: 'dead' }), 'agent-gone');
  });
  test('is lock-held before heartbeat or files are asked', () => {
    assert.equal(reasonOf({ ...elsewhere, isLocked: true, heartbeatAgeMs: 0 }), 'lock-held');
    assert.equal(reasonOf({ ...elsewhere, isLocked: false, heartbeatAgeMs: 0 }), 'heartbeat-fresh');
  });
  for (const agent of ['alive', 'unnamed'] as const) {
    test(`is not agent-gone when the agent is ${agent}`, () => {
      assert.notEqual(reasonOf({ owner: 'alive', agent }), 'agent-gone');
    });
  }
});

describe('the reason of what is kept', () => {
  for (const isKeptInPart of [true, false])
    test(`in part: ${isKeptInPart}`, () => {
      const { reason } = judge({ ...deserted, isKept: true, isKeptInPart }, { maxAgeMs: MAX_AGE });
      assert.equal(reason, isKeptInPart ? 'kept-in-part' : 'kept-on-request');
    });
});

describe('exactly at max age a thing is no longer younger than it', () => {
  const table: [what: string, facts: (ageMs: number) => Partial<SessionFacts>, young: string][] = [
    ['heartbeat elsewhere', (heartbeatAgeMs) => ({ ...elsewhere, heartbeatAgeMs }), 'foreign'],
    ['newest file elsewhere', (newestAgeMs) => ({ ...elsewhere, newestAgeMs }), 'foreign'],
    ['newest file without a lease', (newestAgeMs) => ({ ...noLease, newestAgeMs }), 'unknown'],
    ['newest file with a bad lease', (newestAgeMs) => ({ ...badLease, newestAgeMs }), 'unknown'],
  ];
  for (const [what, facts, young] of table) {
    test(`${what}: ${young}, ${young}, orphan`, () => {
      const states = [YOUNG, MAX_AGE - 0.001, OLD].map((age) => stateOf(facts(age)));
      assert.deepEqual(states, [young, young, 'orphan']);
    });
    test(`${what}: a max age below one hour counts as one hour`, () => {
      for (const maxAgeMs of [HOUR, HOUR - 1, 60_000, 1, 0, -1, -Infinity]) {
        assert.deepEqual(
          [stateOf(facts(HOUR - 1), maxAgeMs), stateOf(facts(HOUR), maxAgeMs)],
          [young, 'orphan'],
          `${maxAgeMs} ms`,
        );
      }
    });
    test(`${what}: a clock that jumped back keeps`, () => {
      for (const age of [-1, -HOUR, -100 * MAX_AGE, -Infinity]) assert.equal(stateOf(facts(age)), young);
    });
    test(`${what}: an age or a max age that is no number keeps`, () => {
      assert.deepEqual([stateOf(facts(NaN)), stateOf(facts(OLD), NaN)], [young, young]);
    });
  }
  test('what was not measured counts as young', () => {
    const unmeasured = { newestAgeMs: undefined };
    assert.deepEqual(
      [elsewhere, noLease, badLease].map((facts) => stateOf({ ...facts, ...unmeasured })),
      ['foreign', 'unknown', 'unknown'],
    );
  });
});

describe('without procfs', () => {
  const unseen = { occupants: undefined };
  rows([
    ['owner dead, agent dead, old', unseen, 'orphan'],
    ['owner alive', { ...unseen, owner: 'alive' }, 'live'],
    ['agent alive', { ...unseen, agent: 'alive' }, 'held'],
    ['no lease, old', { ...unseen, ...noLease }, 'orphan'],
  ]);
  for (const newestAgeMs of [0, YOUNG, -HOUR, undefined]) {
    test(`owner dead, agent dead, newest file ${newestAgeMs} ms old: not removed`, () => {
      assert.notEqual(stateOf({ ...unseen, newestAgeMs, heartbeatAgeMs: 1e12 }), 'orphan');
    });
  }
});
