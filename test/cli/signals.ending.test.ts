// What a signal to the wrapper means: the first that counts begins the end, a second one escalates, copies within
// 500 ms are one, and what the terminal's keyboard sent to all is never counted.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ENDING_SIGNALS, type EndingSignal, endingSignals } from '#src/cli/signals.js';

type Sent = [signal: EndingSignal, nowMs: number, hasReachedAgent?: boolean];
const meanings = (...sent: Sent[]) => {
  const judge = endingSignals();
  return sent.map(([signal, nowMs, hasReachedAgent = false]) => judge(signal, { nowMs, hasReachedAgent }));
};

/** `TERM@0 INT@10!` is SIGTERM at 0 ms and SIGINT at 10 ms, the latter while our group has the terminal. */
const read = (text: string): Sent[] =>
  text.split(' ').map((word) => {
    const [, name, ms, mark] = /^(\w+)@(\d+)(!?)$/.exec(word) ?? assert.fail(word);
    return [`SIG${name}` as EndingSignal, Number(ms), mark === '!'];
  });

const table: [what: string, sent: string, expected: string][] = [
  ['one begins', 'TERM@0', 'begin'],
  ['a copy is nothing new', 'TERM@0 TERM@1', 'begin nothing'],
  ['a copy at the same instant', 'HUP@7 HUP@7', 'begin nothing'],
  ['a copy after 499 ms', 'TERM@0 TERM@499', 'begin nothing'],
  ['the same after 501 ms escalates', 'TERM@0 TERM@501', 'begin escalate'],
  ['copies do not put off the second', 'TERM@0 TERM@400 TERM@800', 'begin nothing escalate'],
  ['another one escalates at once', 'INT@0 TERM@10', 'begin escalate'],
  ['SIGQUIT after SIGTERM escalates', 'TERM@0 QUIT@10', 'begin escalate'],
  ['a third one too', 'TERM@0 TERM@600 TERM@1200', 'begin escalate escalate'],
  ['from the keyboard: Ctrl-C never', 'INT@0! INT@9000!', 'nothing nothing'],
  ['from the keyboard: Ctrl-\\ never', 'QUIT@0! QUIT@9000!', 'nothing nothing'],
  ['Ctrl-C before does not count', 'INT@0! TERM@10', 'nothing begin'],
  ['Ctrl-C between does not count', 'TERM@0 INT@10! TERM@20', 'begin nothing nothing'],
  ['Ctrl-C after the beginning does not escalate', 'HUP@0! INT@9000!', 'begin nothing'],
  ['in the foreground SIGTERM and SIGHUP count', 'TERM@0! TERM@600! HUP@2000!', 'begin escalate escalate'],
  ['in the background SIGINT counts', 'INT@0 INT@600', 'begin escalate'],
];

describe('signals', () => {
  for (const [what, sent, expected] of table)
    test(what, () => assert.equal(meanings(...read(sent)).join(' '), expected));
  for (const signal of ENDING_SIGNALS) {
    test(`${signal} in the background begins, its copy does not, its repetition escalates`, () => {
      assert.deepEqual(meanings([signal, 0], [signal, 20], [signal, 2_000]), [
        'begin',
        'nothing',
        'escalate',
      ]);
    });
  }
  test('each wrapper counts for itself', () => {
    assert.deepEqual([meanings(['SIGTERM', 0]), meanings(['SIGTERM', 0])], [['begin'], ['begin']]);
  });
});

test('any sequence: the keyboard is never counted, one begins, and nothing but a forwarded one follows', () => {
  const one = fc.tuple(fc.constantFrom(...ENDING_SIGNALS), fc.nat({ max: 1_500 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(one, { maxLength: 20 }), (steps) => {
      let nowMs = 0;
      const sent = steps.map(([signal, afterMs, hasReachedAgent]): Sent => {
        nowMs += afterMs;
        return [signal, nowMs, hasReachedAgent];
      });
      const found = meanings(...sent);
      const isKeyboard = ([signal, , hasReachedAgent]: Sent) => hasReachedAgent && /INT|QUIT/.test(signal);
      const counted = sent.flatMap((it, at) => (isKeyboard(it) ? [] : [found[at]]));
      for (const [at, it] of sent.entries()) if (isKeyboard(it)) assert.equal(found[at], 'nothing');
      assert.equal(counted[0], counted.length > 0 ? 'begin' : undefined);
      assert.equal(counted.filter((it) => it === 'begin').length, Math.min(1, counted.length));
      const forwarded = sent.filter((it) => !isKeyboard(it));
      for (const [at, [signal, ms]] of forwarded.entries()) {
        const before = forwarded[at - 1];
        if (before?.[0] === signal && ms - before[1] < 500 && counted[at - 1] !== 'nothing')
          assert.equal(counted[at], 'nothing', 'a copy');
        if (before && ms - before[1] > 500) assert.equal(counted[at], 'escalate', 'nothing near it');
      }
    }),
  );
});
