// Whose end is begun for them: sessions that somebody lives in, whose owner was ended with another session, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beginEndsOf } from '#src/end/begin-ends.js';
import { proc } from '../helpers/forged.js';
import { deadOwner, forge, identityOf, leaseOf, realm } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

test('the end is begun of sessions whose dead owner was ended, where somebody lives', async (t) => {
  const { root } = sandbox(t);
  const uid = process.getuid?.() ?? 0;
  const ended = deadOwner();
  const us = { ...identityOf(process.pid), ...realm(), uid };
  const leases: Record<string, Record<string, unknown>> = {
    ours0000: { owner: ended },
    begun000: { owner: ended, ending: '2026-01-01T00:00:00.000Z' },
    other000: { owner: deadOwner() },
    again000: { owner: { ...ended, startTime: ended.startTime + 1 } },
    else0000: { owner: { ...ended, pidNamespace: '1' } },
    alive000: { owner: us },
    empty000: { owner: ended },
  };
  for (const [id, lease] of Object.entries(leases)) forge({ root }, id, { lease: leaseOf(id, lease) });
  forge({ root }, 'bad00000', { lease: '{' });
  const lived = [...Object.keys(leases), 'bad00000', 'gone0000'].filter((id) => id !== 'empty000');
  const processes = new Map(lived.map((id, at) => [at, proc(at, { tmpdir: join(root, id, 'tmp/below') })]));
  await beginEndsOf([ended, us], root, { processes });
  const endings = Object.keys(leases).map((id) => [
    id,
    JSON.parse(readFileSync(join(root, id, 'lease.json'), 'utf8')).ending,
  ]);
  const { ours0000, ...others } = Object.fromEntries(endings);
  assert.ok(Math.abs(Date.parse(ours0000) - Date.now()) < 60_000);
  assert.deepEqual(others, {
    begun000: '2026-01-01T00:00:00.000Z',
    other000: undefined,
    again000: undefined,
    else0000: undefined,
    alive000: undefined,
    empty000: undefined,
  });
  assert.equal(readFileSync(join(root, 'bad00000/lease.json'), 'utf8'), '{');
});
