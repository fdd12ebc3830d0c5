// A server may have forgotten to end a session. Looks wait for its word once, not each time: a page may ask every second.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { candidates } from '#src/judge/candidates.js';
import { forge, identityOf, leaseOf, realm } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const ID = 'dead1234';

/** How often a look reads the lease of the session. */
function readsOf(t: TestContext, lease: string): () => number {
  const { openSync } = fs;
  let reads = 0;
  t.mock.method(fs, 'openSync', ((path: string, ...rest: [number]) => {
    if (path === lease) reads += 1;
    return openSync(path, ...rest);
  }) as typeof openSync);
  return () => reads;
}

test('its end is waited for once', async (t) => {
  const box = sandbox(t);
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() };
  const agent = { pid: spawnSync('true').pid, startTime: 1 };
  const { dir } = forge(box, ID, { lease: leaseOf(ID, { owner, agent }) });
  const look = () => candidates({ roots: [box.root], maxAgeMs: 72 * 3_600_000, spare: [] });
  const reads = readsOf(t, join(dir, 'lease.json'));
  assert.deepEqual([(await look())[0]?.reason, reads() > 10], ['agent-gone', true]);
  const before = reads();
  assert.deepEqual([(await look())[0]?.reason, reads() - before], ['agent-gone', 1]);
});
