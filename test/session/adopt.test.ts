// Whom a session takes for its agent, as a table: what it takes, it ends.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Candidate, isPid, whyNotAdopted } from '#src/session/adopt.js';

const T = '/tmp/qw-1/abcd1234/tmp';
const adopter = { id: 'abcd1234', tmpdir: T, pid: 100, openedAt: 5_000 };
const environ = (...entries: string[]) => `${['A=b', ...entries, 'Z=z'].join('\0')}\0`;
const stranger: Candidate = {
  ppid: 1,
  session: 50,
  startTime: 5_001,
  isOthers: false,
  environ: environ('TMPDIR=/tmp'),
};

const TABLE: [what: string, candidate: Partial<Candidate> | undefined, reason: RegExp | undefined][] = [
  ['nobody', undefined, /it is gone/],
  ['a stranger', {}, /no child of this process.*session abcd1234/],
  ['a child', { ppid: 100 }, undefined],
  ['a child that is older', { ppid: 100, startTime: 1 }, undefined],
  ['a child that became another user', { ppid: 100, isOthers: true, environ: undefined }, undefined],
  ['a child that died at once', { ppid: 100, environ: '' }, undefined],
  ['another user’s', { isOthers: true, environ: undefined }, /another user’s/],
  ['another user’s that says it is ours', { isOthers: true, environ: environ(`TMPDIR=${T}`) }, /another/],
  ['one with our TMPDIR', { environ: environ(`TMPDIR=${T}`) }, undefined],
  ['one with a TMPDIR below it', { environ: environ(`TMPDIR=${T}/x`) }, undefined],
  ['one with a TMPDIR beside it', { environ: environ(`TMPDIR=${T}x`) }, /no environment/],
  ['one of another session', { environ: environ('QW_SESSION=abcd1235') }, /no environment/],
  ['one with our id alone', { environ: environ('TMPDIR=/x', 'QW_SESSION=abcd1234') }, undefined],
  ['one of the tick in which we opened', { startTime: 5_000, environ: environ(`TMPDIR=${T}`) }, undefined],
  ['one with all of ours that is older', { startTime: 4_999, environ: environ(`TMPDIR=${T}`) }, /older/],
  ['one that cannot be read', { environ: undefined }, /no environment/],
  ['one in the middle of an exec', { environ: '' }, /no environment/],
];

describe('who may be a session’s agent', () => {
  for (const [what, candidate, reason] of TABLE)
    test(`${what}: ${reason ? 'refused' : 'taken'}`, () => {
      const why = whyNotAdopted(candidate && { ...stranger, ...candidate }, adopter);
      if (reason) assert.match(why ?? 'taken', reason);
      else assert.equal(why, undefined);
    });
  test('no pid is 0, 1, below, a part of a number, no number, or our own', () => {
    for (const pid of [0, 1, -2, 2.5, Number.NaN, 2 ** 60, 100]) assert.equal(isPid(pid, 100), false);
    assert.equal(isPid(101, 100), true);
  });
});
