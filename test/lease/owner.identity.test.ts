// Who an owner is: pid and start time, in one boot and one pid namespace. A number alone proves neither life nor death, and
// the clock proves nothing about who is alive.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { outsider } from '../helpers/outsider.js';
import { qwTmp } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const { forge, HOUR, identityOf, killed, leaseOf, picture, reapOnce, realm } = reaping;
const ID = 'abcd1234';
const AGENT = 'echo "ready $$ "; exec sleep 600';
const uid = process.getuid?.() ?? 0;
const ours = () => ({ ...identityOf(process.pid), ...realm(), uid });
const verdicts = async (here: Scene, args: string[] = [], shift: reaping.Shift = {}) => {
  const { report, code } = await reapOnce(here, args, shift);
  assert.equal(code, 0);
  const gone = report.removed.map(({ id, reason }) => ({ id, state: 'orphan', reason }));
  return [...gone, ...report.kept.map(({ id, state, reason }) => ({ id, state, reason }))];
};
const is = (state: string, reason: string, id = ID) => [{ id, state, reason }];

describe('a pid that somebody else has now', () => {
  test('is a dead owner: the session is an orphan however young, and the process is left alone', async (t) => {
    const here = scene(t);
    const heir = await outsider(here, 'cwd', here.box.cwd);
    const { pid, startTime } = identityOf(heir);
    forge(here.box, ID, { lease: leaseOf(ID, { owner: { ...ours(), pid, startTime: startTime - 1 } }) });
    assert.deepEqual(await verdicts(here, ['--orphans', 'end']), is('orphan', 'owner-dead'));
    assert.ok(isAlive(heir));
  });

  test('is a dead agent: it holds nothing and is not signalled', async (t) => {
    const here = scene(t);
    const heir = await outsider(here, 'cwd', here.box.cwd);
    const { pid, startTime } = identityOf(heir);
    forge(here.box, ID, { lease: leaseOf(ID, { agent: { pid, startTime: startTime + 1 } }) });
    assert.deepEqual(await verdicts(here, ['--orphans', 'end']), is('orphan', 'owner-dead'));
    assert.ok(isAlive(heir));
  });
});

describe('a lease of an earlier boot of this machine', () => {
  test('has a dead owner, though its pid and start time are those of a living process', async (t) => {
    const here = scene(t);
    const { dir } = forge(here.box, ID, { lease: leaseOf(ID, { owner: { ...ours(), bootId: 'earlier' } }) });
    const beforeBoot = Date.now() / 1000 - uptime() - 3600;
    utimesSync(join(dir, 'lease.json'), beforeBoot, beforeBoot);
    assert.deepEqual(await verdicts(here), is('orphan', 'owner-dead'));
  });

  test('is another machine of our name when its heart has beaten since we booted', async (t) => {
    const here = scene(t);
    forge(here.box, ID, { lease: leaseOf(ID, { owner: { ...ours(), bootId: 'other' } }) });
    assert.deepEqual(await verdicts(here), is('foreign', 'heartbeat-fresh'));
  });
});

const ELSEWHERE: [id: string, where: string, owner: Record<string, unknown>][] = [
  ['abcd0001', 'another pid namespace, its pid alive here', { pidNamespace: '1' }],
  ['abcd0002', 'another host, its pid alive here', { host: 'elsewhere', bootId: 'other' }],
  [
    ...(['abcd0003', 'another host, its pid dead here'] as const),
    { host: 'elsewhere', bootId: 'other', pid: 2 ** 22, startTime: 7 },
  ],
];

test('a session of elsewhere stays until heartbeat and files are older than max age', async (t) => {
  const here = scene(t);
  const agent = identityOf(process.pid);
  const sessions = ELSEWHERE.map(([id, where, owner]) => ({
    id,
    where,
    ...forge(here.box, id, { lease: leaseOf(id, { owner: { ...ours(), ...owner }, agent }) }),
  }));
  const are = async (state: string, reason: string, args: string[] = [], shift: reaping.Shift = {}) => {
    const found = new Map((await verdicts(here, args, shift)).map((one) => [one.id, one]));
    assert.deepEqual(
      sessions.map(({ id, where }) => [where, found.get(id)?.state, found.get(id)?.reason]),
      sessions.map(({ where }) => [where, state, reason]),
    );
  };
  const old = { laterMs: 73 * HOUR };
  const touch = (name: string, hoursFromNow: number) => {
    const at = Date.now() / 1000 + hoursFromNow * 3600;
    for (const { dir } of sessions) utimesSync(join(dir, name), at, at);
  };
  await are('foreign', 'heartbeat-fresh');
  touch('lease.json', 72);
  await are('foreign', 'heartbeat-fresh', [], old);
  touch('lease.json', -1);
  touch('tmp/some/file', 72);
  await are('foreign', 'files-fresh', [], old);
  touch('tmp/some/file', 0.5);
  await are('foreign', 'files-fresh', ['--max-age', '1h'], { laterMs: HOUR });
  touch('tmp/some/file', -1);
  const holders = await Promise.all(sessions.map(({ tmpdir }) => outsider(here, 'cwd', tmpdir)));
  await are('held', 'in-use', [], old);
  for (const holder of holders) await killed(holder);
  await are('orphan', 'stale-elsewhere', [], old);
  here.nothingLeft();
});

for (const [what, jumpMs] of [
  ['forwards', 100 * HOUR],
  ['backwards', -100 * HOUR],
] as const) {
  test(`a clock that jumped ${what} ends no session that is live or held; ages follow the clock`, async (t) => {
    const here = scene(t);
    const live = await reaping.openWith(here, ['--no-watchdog'], AGENT);
    const held = await reaping.openOwnerless(here, AGENT);
    forge(here.box, 'bare1234');
    forge(here.box, 'dead1234', { lease: leaseOf('dead1234') });
    const isOld = jumpMs > 0;
    const expected = [
      ...is('live', 'owner-alive', live.id),
      ...is('held', 'agent-alive', held.id),
      ...(isOld ? is('orphan', 'stale-no-lease', 'bare1234') : is('unknown', 'no-lease', 'bare1234')),
      ...is('orphan', 'owner-dead', 'dead1234'),
    ];
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    assert.deepEqual((await verdicts(here, [], { jumpMs })).sort(byId), expected.sort(byId));
    assert.ok(isAlive(live.agent) && isAlive(held.agent));
  });
}

test('what is not named as a session, a link or a file named as one is neither touched nor listed', async (t) => {
  const here = scene(t);
  const { root, dir } = here.box;
  for (const id of ['ABCD1234', 'abcd123', 'abcd12345', 'abcd-123', '.bcd1234', 'lost+found', 'åbcd1234'])
    forge(here.box, id, { lease: leaseOf(ID) });
  mkdirSync(join(dir, 'elsewhere'));
  forge({ ...here.box, root: join(dir, 'elsewhere') }, 'link1234', { lease: leaseOf('link1234') });
  symlinkSync(join(dir, 'elsewhere/link1234'), join(root, 'link1234'));
  symlinkSync('/no/such/place', join(root, 'lost1234'));
  writeFileSync(join(root, 'file1234'), 'a file');
  const before = [picture(root), picture(join(dir, 'elsewhere'))];
  assert.deepEqual(await verdicts(here, ['--max-age', '1h'], { laterMs: 10_000 * HOUR }), []);
  const { stdout } = await run(qwTmp, ['list', '--json'], here.options);
  assert.deepEqual(JSON.parse(stdout).sessions, []);
  const after = picture(root).filter((line) => !/^\.(trash|reaped) /.test(line));
  assert.deepEqual([after, picture(join(dir, 'elsewhere'))], before);
});
