// An owner may write its lease once more after we read that, and die before we ask whether it lives. What it wrote last counts.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { candidates } from '#src/judge/candidates.js';
import { isAlive } from '../helpers/processes.js';
import { type Forged, forge, identityOf, leaseOf, realm } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const ID = 'dead1234';

/** Calls `act` when its lease was read, and before it is looked at. */
function beforeItIsAsked(t: TestContext, { pid }: ChildProcess, act: () => void): void {
  const { readFileSync } = fs;
  let wasAsked = false;
  t.mock.method(fs, 'readFileSync', ((path: string, ...rest: []) => {
    if (path === `/proc/${pid}/stat` && !wasAsked) {
      wasAsked = true;
      act();
    }
    return readFileSync(path, ...rest);
  }) as typeof readFileSync);
}

/** Waited for without a turn, as the look under test takes none here. */
function die(owner: ChildProcess): void {
  owner.kill('SIGKILL');
  while (isAlive(owner.pid as number)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

function scene(t: TestContext) {
  const box = sandbox(t);
  const owner = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.after(() => owner.kill('SIGKILL'));
  const who = { ...identityOf(owner.pid as number), ...realm(), uid: process.getuid?.() };
  const lease = leaseOf(ID, { owner: who });
  const session = forge(box, ID, { lease });
  const lastWord = ({ dir }: Forged) =>
    writeFileSync(
      join(dir, 'lease.json'),
      JSON.stringify({ ...lease, kept: { at: new Date().toISOString() } }),
    );
  const verdict = async () => {
    const [found] = await candidates({ roots: [box.root], maxAgeMs: 72 * 3_600_000, spare: [] });
    return found?.state;
  };
  return { owner, verdict, lastWord: () => lastWord(session) };
}

test('of one that dies between our look at its lease and the one at itself', async (t) => {
  const { owner, verdict, lastWord } = scene(t);
  beforeItIsAsked(t, owner, () => {
    lastWord();
    die(owner);
  });
  assert.equal(await verdict(), 'kept');
});
