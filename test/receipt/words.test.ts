// A receipt in words says each thing once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING, type SessionReceipt } from '#src/receipt/receipt.js';
import { outcomeText } from '#src/receipt/words.js';

const failed = [{ path: '', reason: 'root /x is full', hint: '' }];
const TABLE: [receipt: Partial<SessionReceipt>, text: string][] = [
  [{ state: 'kept', reason: 'kept-on-request' }, 'kept (kept-on-request)'],
  [{ state: 'held', reason: 'agent-alive' }, 'kept (held, agent-alive)'],
  [{ state: 'removed', reason: 'owner-dead' }, 'removed (owner-dead)'],
  [{ state: 'removed' }, 'removed'],
  [{ state: 'failed', failed }, 'not removed: root /x is full'],
  [
    { state: 'failed', by: 'launcher', reason: 'no-session', failed },
    'no session: root /x is full; qw-exec ran the command without one',
  ],
];
for (const [receipt, text] of TABLE)
  test(text, () => assert.equal(outcomeText({ ...NOTHING, ...receipt } as unknown as SessionReceipt), text));
