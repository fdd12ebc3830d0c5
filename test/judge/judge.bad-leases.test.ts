// A lease that is missing or cannot be relied on proves nothing: the session stays while it is young or used by somebody,
// and goes by the age of its files alone, whoever the lease claims to belong to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outsider } from '../helpers/outsider.js';
import { isAlive } from '../helpers/processes.js';
import {
  forge,
  HOUR,
  identityOf,
  killed,
  leaseOf,
  put,
  type Reaped,
  realm,
  reapOnce,
} from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const ID = 'abcd1234';
const OLD = { laterMs: 73 * HOUR };
const ours = () => ({ ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 });
const text = (more: Record<string, unknown>, id = ID) => JSON.stringify(leaseOf(id, more));

/** Puts something in the place of the lease of this session. */
type Spoil = (file: string, id: string, elsewhere: string) => void;
const write =
  (content: (id: string) => string): Spoil =>
  (file, id) =>
    writeFileSync(file, content(id), { mode: 0o600 });
const lease = (more: Record<string, unknown>): Spoil => write((id) => text(more, id));
const linkTo =
  (owner: 'dead' | 'alive'): Spoil =>
  (file, id, elsewhere) => {
    put(elsewhere, text(owner === 'alive' ? { owner: ours() } : {}, id));
    symlinkSync(elsewhere, file);
  };

const table: [what: string, spoil: Spoil][] = [
  ['is missing', () => {}],
  ['is empty', write(() => '')],
  ['is truncated', write((id) => text({}, id).slice(0, -9))],
  ['is one megabyte of spaces after a good one', write((id) => text({}, id).padEnd(2 ** 20))],
  ['is one megabyte of zeros', write(() => '\0'.repeat(2 ** 20))],
  ['is a FIFO', (file) => assert.equal(spawnSync('mkfifo', [file]).status, 0)],
  ['is a link to the good lease of a dead owner', linkTo('dead')],
  ['is a link to the good lease of a living owner', linkTo('alive')],
  ['is a link that leads nowhere', (file) => symlinkSync('/no/such/lease', file)],
  ['is a link to itself', (file) => symlinkSync('lease.json', file)],
  ['is a directory', (file) => mkdirSync(join(file, 'below'), { recursive: true })],
  ['is of a newer version', lease({ version: 2 })],
  ['is of a version in words', lease({ version: '1' })],
  ['has the id of another session', lease({ id: 'other123' })],
  ['has the id of another session, whose owner lives', lease({ id: 'other123', owner: ours() })],
  ['is a list', write((id) => `[${text({}, id)}]`)],
  ['is null', write(() => 'null')],
  ['has an owner in words', lease({ owner: 'me' })],
  ['has no owner', lease({ owner: undefined })],
  ['has pid 0 for an owner', lease({ owner: { ...ours(), pid: 0 } })],
  ['has a negative pid for an owner', lease({ owner: { ...ours(), pid: -1 } })],
  ['has an agent in words', lease({ agent: String(process.pid) })],
  ['was created at no time', lease({ createdAt: 'yesterday' })],
  ['has a command that is no list', lease({ command: 'sh' })],
];

test('a session whose lease is bad stays while young, and while somebody uses it; then it goes', async (t) => {
  const here = scene(t);
  const sessions = table.map(([what, spoil], at) => {
    const id = `session${String.fromCharCode(97 + at)}`;
    const { dir, tmpdir } = forge(here.box, id);
    const elsewhere = join(here.box.dir, `elsewhere-${id}`);
    spoil(join(dir, 'lease.json'), id, elsewhere);
    const before = existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8') : undefined;
    return { what, id, tmpdir, elsewhere, before, why: what === 'is missing' ? 'no-lease' : 'bad-lease' };
  });
  type Row = (typeof sessions)[number];
  /** What a pass made of each. */
  const become = (
    { report: { kept, removed } }: Reaped,
    state: 'kept' | 'removed',
    is: (row: Row) => string,
  ) => {
    const all = new Map([
      ...kept.map(({ id, state, reason }) => [id, `kept, ${state}, ${reason}`] as const),
      ...removed.map(({ id, reason }) => [id, `removed, ${reason}`] as const),
    ]);
    const rows = (fateOf: (row: Row) => string | undefined) =>
      sessions.map((row) => `${row.what}: ${fateOf(row)}`);
    assert.deepEqual(
      rows(({ id }) => all.get(id)),
      rows((row) => `${state}, ${is(row)}`),
    );
  };
  const areWhole = () => sessions.every(({ tmpdir }) => existsSync(join(tmpdir, 'some/file')));

  const young = await reapOnce(here, ['--orphans', 'end']);
  assert.deepEqual([young.code, young.signal, young.stderr], [0, null, '']);
  become(young, 'kept', ({ why }) => `unknown, ${why}`);
  assert.ok(areWhole());

  const holders = await Promise.all(sessions.map(({ tmpdir }) => outsider(here, 'cwd', tmpdir)));
  become(await reapOnce(here, ['--orphans', 'end'], OLD), 'kept', () => 'held, in-use');
  assert.ok(areWhole());
  assert.ok(holders.every(isAlive), 'who only holds is never ended');
  for (const holder of holders) await killed(holder);

  const old = await reapOnce(here, [], OLD);
  assert.deepEqual([old.code, old.report.failed], [0, []]);
  become(old, 'removed', ({ why }) => `stale-${why}`);
  for (const { before, elsewhere } of sessions)
    if (before !== undefined) assert.equal(readFileSync(elsewhere, 'utf8'), before);
  here.nothingLeft();
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
