// What a remover left that died: taken over only when it is dead, judged again, and finished or given back.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isInHand, newClaim, parseClaim } from '#src/take/claim-name.js';
import { claimOf, deadClaim } from '../helpers/claims.js';
import { finished } from '../helpers/finished.js';
import { forge, HOUR, identityOf, leaseOf, put, realm } from '../helpers/reaping.js';
import { type Sandbox, sandbox } from '../helpers/sandbox.js';

const ID = 'dead1234';
const isRoot = process.getuid?.() === 0 && 'root reads everything';
const POLICY = { maxAgeMs: 72 * HOUR, spare: [] };
const alive = () => ({ ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 });

/** A session as a remover has claimed it; gives where it is. */
function claimed(box: Sandbox, claim: string, lease?: Record<string, unknown>): string {
  const { dir } = forge(box, ID, lease ? { lease: leaseOf(ID, lease) } : {});
  mkdirSync(join(box.root, '.trash'), { recursive: true });
  const at = join(box.root, '.trash', `${ID}.${claim}`);
  renameSync(dir, at);
  return at;
}

describe('a claim on a session', () => {
  for (const [what, lease, left] of [
    ['whose owner is dead is finished', {}, []],
    ['that was kept goes back', { kept: { at: new Date().toISOString() } }, [ID]],
    ['whose owner lives goes back', { owner: alive() }, [ID]],
    ['that its living owner ended is finished', { owner: alive(), ending: new Date().toISOString() }, []],
    [
      'that its living owner ended and keeps goes back',
      { owner: alive(), ending: new Date().toISOString(), keep: true },
      [ID],
    ],
  ] as [string, Record<string, unknown>, string[]][])
    test(what, async (t) => {
      const box = sandbox(t);
      claimed(box, deadClaim(), lease);
      const { removed, failed } = await finished([box.root], POLICY);
      assert.deepEqual(
        [removed.map(({ id }) => id), failed, box.left()],
        [left.length ? [] : [ID], [], left],
      );
    });

  test('without lease goes back while its files are young, and is finished once they are old', async (t) => {
    const box = sandbox(t);
    claimed(box, deadClaim());
    assert.deepEqual((await finished([box.root], POLICY)).removed, []);
    assert.deepEqual(box.left(), [ID]);
    mkdirSync(join(box.root, '.trash'), { recursive: true });
    renameSync(join(box.root, ID), join(box.root, '.trash', `${ID}.${deadClaim()}`));
    const now = Date.now;
    t.mock.method(Date, 'now', () => now() + 80 * HOUR);
    assert.deepEqual(
      (await finished([box.root], POLICY)).removed.map(({ id }) => id),
      [ID],
    );
  });

  test('without lease and TMPDIR is all but removed, and finished', async (t) => {
    const box = sandbox(t);
    const at = claimed(box, deadClaim());
    renameSync(join(at, 'tmp'), join(box.dir, 'tmp'));
    await finished([box.root], POLICY);
    assert.deepEqual(box.left(), []);
  });

  test('that does not prove to be ours goes back: nobody looked who uses it', async (t) => {
    const box = sandbox(t);
    const at = claimed(box, deadClaim(), {});
    put(join(at, 'lease.json'), '{torn');
    put(join(at, 'core'));
    assert.deepEqual(await finished([box.root], POLICY), { removed: [], failed: [] });
    assert.ok(existsSync(join(box.root, ID, 'tmp/some/file')));
  });

  test('of somebody alive is left alone', async (t) => {
    const box = sandbox(t);
    const at = claimed(box, claimOf(identityOf(process.ppid)), {});
    assert.deepEqual(await finished([box.root], POLICY), { removed: [], failed: [] });
    assert.ok(existsSync(at));
  });

  test('that could not be searched for worktrees to its end goes back', { skip: isRoot }, async (t) => {
    const box = sandbox(t);
    const at = claimed(box, deadClaim(), {});
    chmodSync(put(join(at, 'tmp/w/.git')), 0);
    const { removed, failed } = await finished([box.root], POLICY);
    assert.deepEqual([removed, failed, box.left()], [[], [], [ID]]);
  });

  test('whose origin is there again is named with its path, if it has to stay; nothing is lost', async (t) => {
    const box = sandbox(t);
    claimed(box, deadClaim(), { owner: alive() });
    put(join(box.root, ID, 'tmp/new'));
    const { failed } = await finished([box.root], POLICY);
    const [name = ''] = readdirSync(join(box.root, '.trash'));
    assert.equal(failed[0]?.path, join(box.root, '.trash', name));
    assert.match(failed[0]?.reason ?? '', new RegExp(`cannot be put back to ${join(box.root, ID)}`));
    assert.ok(
      existsSync(join(box.root, '.trash', name, 'tmp/some/file')) &&
        existsSync(join(box.root, ID, 'tmp/new')),
    );
  });

  test('of which a dry run tells is left as it is', async (t) => {
    const box = sandbox(t);
    const at = claimed(box, deadClaim(), {});
    const { removed } = await finished([box.root], { ...POLICY, isDryRun: true });
    assert.deepEqual(
      removed.map(({ id, reason }) => [id, reason]),
      [[ID, 'removal-unfinished']],
    );
    assert.ok(existsSync(at));
  });

  test('has a name of its own shape: anything else in the trash is not touched', async (t) => {
    const box = sandbox(t);
    const kept = [
      'thesis',
      'dead1234',
      `${ID}.7-7-aaaaaaaa`,
      `${ID}.${deadClaim()}.more`,
      `longer-name.${deadClaim()}`,
    ];
    for (const name of kept) put(join(box.root, '.trash', name, 'file'));
    put(join(box.root, '.trash', `dead5678.${deadClaim()}`)); // a file is no session
    await finished([box.root], POLICY);
    assert.equal(readdirSync(join(box.root, '.trash')).length, kept.length + 1);
  });
});

describe('whether a claim is in hand', () => {
  const now = 1e12;
  const mine = parseClaim(newClaim());
  const elsewhere = { pid: mine?.pid ?? 0, startTime: mine?.startTime ?? 0, realm: 'aaaaaaa' };
  for (const [what, claimer, changedAt, isIt] of [
    ['ours: yes', mine, 0, true],
    ['of a process that is dead: no', { ...elsewhere, pid: 2 ** 30, realm: mine?.realm }, now, false],
    [
      'of our number, started at another time: no',
      { ...elsewhere, startTime: 1, realm: mine?.realm },
      now,
      false,
    ],
    ["nobody's: no", { ...elsewhere, pid: 0 }, now, false],
    ['of another realm, a moment ago: yes', elsewhere, now - 1, true],
    ['of another realm, for an hour: no', elsewhere, now - HOUR, false],
    ['of another realm, from the future: yes', elsewhere, now + HOUR, true],
  ] as const)
    test(what, () => assert.equal(isInHand(claimer as never, changedAt, now), isIt));
});
