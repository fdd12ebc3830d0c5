// qw-tmp reap as a person and a program see it: what it prints where, its exit codes, its JSON, and that a dry run
// changes nothing.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadClaim } from '../helpers/claims.js';
import { type Finished, run } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { qwTmp } from '../helpers/paths.js';
import { stepClock } from '../helpers/preloads.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { inTerminal } from '../helpers/seat.js';
import { stuckFile } from '../helpers/stuck.js';
import { waitUntil } from '../helpers/wait-until.js';

const { forge, HOUR, leaseOf, picture, put, reapOnce } = reaping;
const OLD = { laterMs: 73 * HOUR };
const UNIT = `claude-${process.getuid?.()}/\x1b[2J/00000000-0000-4000-8000-000000000001`;
const keysOf = (value: object | undefined) => Object.keys(value ?? {}).sort();
const command = (here: Scene, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  run(qwTmp, ['reap', ...args], { ...here.options, env: { ...here.options.env, ...env } });

/** An orphan, a living session with a stale unit, a young one without lease, and trash of somebody who died. */
function furnish({ box }: Scene): void {
  const owner = { ...reaping.identityOf(process.pid), ...reaping.realm(), uid: process.getuid?.() ?? 0 };
  forge(box, 'dead1234', { lease: leaseOf('dead1234'), files: ['a', 'b/c'] });
  const lease = leaseOf('live1234', { owner, backend: 'claude' });
  forge(box, 'live1234', { lease, files: ['claude-1a2b-cwd', `${UNIT}/file`, 'work'] });
  forge(box, 'bare1234', { files: ['a'] });
  put(join(box.root, `.trash/gone1234.${deadClaim()}/tmp/file`));
}

test('a dry run says what a run does, and changes nothing', async (t) => {
  const here = scene(t);
  furnish(here);
  const before = picture(here.box.dir);
  const dry = await reapOnce(here, ['--dry-run'], OLD);
  const human = await command(here, ['--dry-run'], reaping.shifted(OLD));
  assert.deepEqual(picture(here.box.dir), before);
  assert.deepEqual([dry.code, human.code, dry.report.dryRun], [0, 0, true]);

  const real = await reapOnce(here, [], OLD);
  assert.equal(real.report.dryRun, false);
  assert.deepEqual(real.ids, dry.ids);
  assert.deepEqual(real.report.swept, dry.report.swept);
  assert.deepEqual(real.report.kept, dry.report.kept);
  assert.deepEqual(here.box.left(), ['live1234']);
});

test('a dry run counts the bytes and entries that a run frees', async (t) => {
  const here = scene(t);
  furnish(here);
  const [dry, real] = [await reapOnce(here, ['--dry-run'], OLD), await reapOnce(here, [], OLD)];
  assert.deepEqual([real.report.bytes, real.report.entries], [dry.report.bytes, dry.report.entries]);
});

test('the JSON is what the contract says, and nothing else is printed', async (t) => {
  const here = scene(t);
  furnish(here);
  const { report, stdout, stderr } = await reapOnce(here, [], OLD);
  assert.deepEqual([stderr, stdout.endsWith('}\n')], ['', true]);
  const contract = 'version dryRun removed ended swept kept failed pressure bytes entries ms'
    .split(' ')
    .sort();
  assert.deepEqual(
    keysOf(report).filter((key) => key !== 'legacy'),
    contract,
  );
  assert.equal(report.version, 1);
  assert.deepEqual(keysOf(report.removed[0]), ['bytes', 'entries', 'id', 'reason', 'root']);
  assert.deepEqual(keysOf(report.swept[0]), ['bytes', 'entries', 'path', 'reason']);
  assert.deepEqual(report.kept, [{ id: 'live1234', state: 'live', reason: 'owner-alive' }]);
  assert.deepEqual(report.failed, []);
  const gone = [...report.removed, ...report.swept];
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  assert.equal(report.bytes, sum(gone.map(({ bytes }) => bytes)));
  assert.equal(report.entries, sum(gone.map(({ entries }) => entries)));
  assert.ok(report.bytes > 0 && report.entries >= 5 && Number.isInteger(report.ms) && report.ms >= 0);
});

test('a person reads one line for each, the sum last, nothing on stderr and no raw control character', async (t) => {
  const here = scene(t);
  furnish(here);
  const { code, stdout, stderr } = await command(here, [], reaping.shifted(OLD));
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^removed dead1234 \(owner-dead, [\d.]+ (B|KiB)\)$/m);
  assert.match(stdout, /^removed bare1234 \(stale-no-lease, [\d.]+ (B|KiB)\)$/m);
  assert.match(stdout, /^swept .*\/live1234\/tmp\/claude-1a2b-cwd \([\d.]+ (B|KiB)\)$/m);
  assert.match(stdout, /^swept .*\\x1b\[2J\/0{8}-/m);
  assert.match(stdout, /^kept live1234: live, owner-alive$/m);
  assert.match(stdout, /\nfreed [\d.]+ KiB in \d+ entries: 3 sessions and 2 stale entries; kept 1\n$/);
  assert.ok(!stdout.includes('\x1b'));
  const again = await command(here, []);
  assert.match(again.stdout, /(^|\n)freed 0 B in 0 entries: 0 sessions; kept 1\n$/);
});

test('progress is shown on a terminal alone, where it takes a while, and wiped before the result', async (t) => {
  const here = scene(t);
  const orphans = () => {
    for (const id of ['dead0001', 'dead0002']) forge(here.box, id, { lease: leaseOf(id) });
  };
  const onTerminal = async (lookMs: number): Promise<string> => {
    orphans();
    const options = { ...here.options, env: { ...here.options.env, ...stepClock(lookMs) } };
    const seat = inTerminal(t, { ...here, options }, [process.execPath, qwTmp, 'reap']);
    await seat.says(/freed .* 2 sessions; kept 0\r\n$/);
    assert.equal(await seat.end, 0);
    return seat.output();
  };
  orphans();
  assert.equal((await command(here, [], stepClock(250))).stderr, '');
  assert.match(await onTerminal(0), /^removed dead0001 /);
  const screen = await onTerminal(250);
  assert.ok(screen.startsWith('\r\x1b[Kqw-tmp: '), screen);
  assert.match(screen, /qw-tmp: 1 session, \d+ entr(y|ies), [\d.]+ [KM]?i?B …/);
  assert.ok(screen.includes('…\r\x1b[Kremoved '), 'it is wiped before the first line');
  here.nothingLeft();
});

test('what cannot be removed: exit 1, named with a command that would, out of the way, and gone next time', async (t) => {
  const here = scene(t);
  mkdirSync(here.box.root, { mode: 0o700 });
  for (const [id, args] of Object.entries({ human123: [], json1234: ['--json'] })) {
    const { env } = stuckFile(here, forge(here.box, id, { lease: leaseOf(id) }));
    const { code, signal, stdout, stderr } = await command(here, args, env);
    assert.deepEqual([code, signal], [1, null], stderr);
    assert.ok(!existsSync(join(here.box.root, id)));
    if (id === 'human123') {
      assert.match(stderr, /^qw-tmp: could not remove .*\/human123.*not permitted.*; try: .*rm -rf .*\n$/);
      assert.match(stdout, /: 0 sessions; kept 0\n$/);
    } else {
      const { failed, removed } = JSON.parse(stdout);
      assert.deepEqual([keysOf(failed[0]), removed], [['hint', 'path', 'reason'], []]);
    }
  }
  assert.equal((await command(here, [])).code, 0);
  here.nothingLeft();
});

test('who was ended is named, with the session', async (t) => {
  const here = scene(t);
  const { agent, id } = await reaping.openOwnerless(here, 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1');
  await waitUntil('its exec is done', () => nameOf(agent) === 'sleep');
  const { code, stdout, stderr } = await command(here, ['--orphans', 'end']);
  assert.deepEqual([code, stderr], [0, '']);
  const [ended, removed] = stdout.split('\n');
  assert.equal(ended, `ended sleep (${agent}) of ${id}`);
  assert.match(removed ?? '', new RegExp(`^removed ${id} \\(members-ended, `));
  here.nothingLeft();
});
