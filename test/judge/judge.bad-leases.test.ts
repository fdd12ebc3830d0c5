// A lease that is missing or cannot be relied on proves nothing: the session stays while it is young or used by somebody,
// and goes by the age of its files alone, whoever the lease claims to belong to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { outsider } from '../helpers/outsider.js';
import { isAlive } from '../helpers/processes.js';
import { forge, HOUR, identityOf, killed, leaseOf, put, realm, reapOnce } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const ID = 'abcd1234';
const OLD = { laterMs: 73 * HOUR };
const ours = () => ({ ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 });
const text = (more: Record<string, unknown>) => JSON.stringify(leaseOf(ID, more));

type Spoil = (file: string, elsewhere: string) => void;
const write =
  (content: string): Spoil =>
  (file) =>
    writeFileSync(file, content, { mode: 0o600 });
const linkTo =
  (owner: 'dead' | 'alive'): Spoil =>
  (file, elsewhere) => {
    put(elsewhere, text(owner === 'alive' ? { owner: ours() } : {}));
    symlinkSync(elsewhere, file);
  };

const table: [what: string, spoil: Spoil][] = [
  ['is missing', () => {}],
  ['is empty', write('')],
  ['is truncated', write(text({}).slice(0, -9))],
  ['is one megabyte of spaces after a good one', write(text({}).padEnd(2 ** 20))],
  ['is one megabyte of zeros', write('\0'.repeat(2 ** 20))],
  ['is a FIFO', (file) => assert.equal(spawnSync('mkfifo', [file]).status, 0)],
  ['is a link to the good lease of a dead owner', linkTo('dead')],
  ['is a link to the good lease of a living owner', linkTo('alive')],
  ['is a link that leads nowhere', (file) => symlinkSync('/no/such/lease', file)],
  ['is a link to itself', (file) => symlinkSync('lease.json', file)],
  ['is a directory', (file) => mkdirSync(join(file, 'below'), { recursive: true })],
  ['is of a newer version', write(text({ version: 2 }))],
  ['is of a version in words', write(text({ version: '1' }))],
  ['has the id of another session', write(text({ id: 'other123' }))],
  ['has the id of another session, whose owner lives', write(text({ id: 'other123', owner: ours() }))],
  ['is a list', write(`[${text({})}]`)],
  ['is null', write('null')],
  ['has an owner in words', write(text({ owner: 'me' }))],
  ['has no owner', write(text({ owner: undefined }))],
  ['has pid 0 for an owner', write(text({ owner: { ...ours(), pid: 0 } }))],
  ['has a negative pid for an owner', write(text({ owner: { ...ours(), pid: -1 } }))],
  ['has an agent in words', write(text({ agent: String(process.pid) }))],
  ['was created at no time', write(text({ createdAt: 'yesterday' }))],
  ['has a command that is no list', write(text({ command: 'sh' }))],
];

describe('a session whose lease', { concurrency: 2 }, () => {
  for (const [what, spoil] of table) {
    test(`${what} stays while young, and while somebody uses it; then it goes`, async (t) => {
      const here = scene(t);
      const { dir, tmpdir } = forge(here.box, ID);
      const elsewhere = join(here.box.dir, 'elsewhere.json');
      spoil(join(dir, 'lease.json'), elsewhere);
      const before = existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8') : undefined;
      const why = what === 'is missing' ? 'no-lease' : 'bad-lease';

      const young = await reapOnce(here, ['--orphans', 'end']);
      assert.deepEqual([young.code, young.signal, young.stderr], [0, null, '']);
      assert.deepEqual(young.report.kept, [{ id: ID, state: 'unknown', reason: why }]);
      assert.deepEqual(young.ids, []);
      assert.ok(existsSync(join(tmpdir, 'some/file')));

      const holder = await outsider(here, 'cwd', tmpdir);
      const used = await reapOnce(here, ['--orphans', 'end'], OLD);
      assert.deepEqual(used.report.kept, [{ id: ID, state: 'held', reason: 'in-use' }]);
      assert.ok(existsSync(join(tmpdir, 'some/file')));
      assert.ok(isAlive(holder), 'who only holds is never ended');
      await killed(holder);

      const old = await reapOnce(here, [], OLD);
      assert.equal(old.code, 0);
      assert.deepEqual(
        old.report.removed.map(({ id, reason }) => ({ id, reason })),
        [{ id: ID, reason: `stale-${why}` }],
      );
      assert.deepEqual([old.report.kept, old.report.failed], [[], []]);
      if (before !== undefined) assert.equal(readFileSync(elsewhere, 'utf8'), before);
      here.nothingLeft();
    });
  }
});

test('an agent that only a bad lease names is never signalled, and its age is not believed', async (t) => {
  const here = scene(t);
  const bystander = await outsider(here, 'cwd', here.box.cwd);
  const lease = { version: 2, agent: identityOf(bystander), createdAt: '1990-01-01T00:00:00.000Z' };
  forge(here.box, ID, { lease: text(lease) });
  const { report } = await reapOnce(here, ['--orphans', 'end', '--max-age', '1h'], { laterMs: HOUR / 2 });
  assert.deepEqual(report.kept, [{ id: ID, state: 'unknown', reason: 'bad-lease' }]);
  assert.deepEqual((await reapOnce(here, ['--orphans', 'end'], OLD)).ids, [ID]);
  assert.ok(isAlive(bystander));
});

test('a field that a later release may add does not make a lease bad', async (t) => {
  const here = scene(t);
  forge(here.box, ID, { lease: leaseOf(ID, { owner: ours(), colour: { of: ['anything'] } }) });
  const { report } = await reapOnce(here, [], OLD);
  assert.deepEqual(report.kept, [{ id: ID, state: 'live', reason: 'owner-alive' }]);
});
