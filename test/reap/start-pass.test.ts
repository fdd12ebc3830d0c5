// Every qw-run looks after those before it: a pass over its root by a process of its own, at most every ten minutes, for
// orphans alone, and the command never waits for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { deadClaim } from '../helpers/claims.js';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { slowRm } from '../helpers/slow-rm.js';
import { waitUntil } from '../helpers/wait-until.js';

const { forge, HOUR, leaseOf, leaveToRm, put } = reaping;

/** Runs a command under qw-run whose own pass is not turned off; it has to succeed in silence. */
async function wrap({ options }: Scene, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { QW_REAP: _off, ...on } = options.env;
  const { code, signal, stdout, stderr } = await run(qwRun, ['sh', '-c', 'echo done'], {
    ...options,
    env: { ...on, ...env },
  });
  assert.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'done\n', stderr: '' });
}

const OLD = { createdAt: '2020-01-01T00:00:00.000Z' };
/** Dead for long: whatever cannot be read and was started just now, by somebody else, is no suspect. */
function orphan({ box }: Scene, id: string): reaping.Forged {
  const forged = forge(box, id, { lease: leaseOf(id, OLD) });
  utimesSync(join(forged.dir, 'lease.json'), 1_580_000_000, 1_580_000_000);
  return forged;
}
const stamp = ({ box }: Scene) => join(box.root, '.reaped');
const gone = ({ box }: Scene) => waitUntil('the orphan is gone', () => box.left().length === 0);
/** Sets the last turn; gives the time as the file system keeps it. */
function setLastTurn(here: Scene, minutesAgo: number): number {
  const at = Date.now() / 1000 - minutesAgo * 60;
  utimesSync(stamp(here), at, at);
  return statSync(stamp(here)).mtimeMs;
}

describe('the pass of a qw-run', { concurrency: 2 }, () => {
  test('removes an orphan soon, and what a dead remover left', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const left = join(here.box.root, '.trash', `gone1234.${deadClaim()}`);
    put(join(left, 'tmp/file'));
    put(join(left, 'lease.json'), JSON.stringify(leaseOf('gone1234', OLD)));
    await wrap(here);
    await gone(here);
    assert.ok(statSync(stamp(here)).isFile());
    here.nothingLeft();
  });

  test('is due again after ten minutes, not before', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    put(stamp(here), '');
    for (const minutesAgo of [0, 7]) {
      const before = setLastTurn(here, minutesAgo);
      await wrap(here);
      assert.equal(statSync(stamp(here)).mtimeMs, before, 'no turn was taken');
      assert.deepEqual(here.box.left(), ['dead1234']);
    }
    const before = setLastTurn(here, 11);
    await wrap(here);
    await gone(here);
    assert.ok(statSync(stamp(here)).mtimeMs > before + 10 * 60_000);
  });

  test('is due when the last one lies in the future: a clock was set back', async (t) => {
    const here = scene(t);
    await wrap(here);
    orphan(here, 'dead1234');
    setLastTurn(here, -3 * 24 * 60);
    await wrap(here);
    await gone(here);
    assert.ok(statSync(stamp(here)).mtimeMs < Date.now() + 60_000);
  });

  test('is not made with QW_REAP=off', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    await wrap(here, { QW_REAP: 'off' });
    assert.ok(!existsSync(stamp(here)));
    assert.deepEqual(here.box.left(), ['dead1234']);
  });

  test('is not waited for, by the command or by who reads its output', async (t) => {
    const here = scene(t);
    const { env, isRunning, release } = slowRm(here);
    t.after(release);
    leaveToRm(orphan(here, 'dead1234'));
    const { QW_REAP: _off, ...on } = here.options.env;
    const script = 'echo "ready $$ "; read line; echo bye';
    const wrapper = spawn(process.execPath, [qwRun, 'sh', '-c', script], {
      ...here.options,
      env: { ...on, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    wrapper.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    await isRunning();
    await waitUntil('the command runs meanwhile', () => said.includes('ready'));
    release();
    wrapper.stdin.end('\n');
    await waitUntil('it ends', () => said.includes('bye'));
    await here.nothingLeftSoon();
  });

  test('leaves alone all but orphans: living, held and foreign sessions', async (t) => {
    const here = scene(t);
    const agent = 'echo "ready $$ "; exec sleep 600';
    const live = await reaping.openWith(here, ['--no-watchdog'], agent);
    const held = await reaping.openOwnerless(here, agent);
    const owner = { ...reaping.deadOwner(), host: 'elsewhere', bootId: 'other' };
    forge(here.box, 'foreign1', { lease: leaseOf('foreign1', { owner }) });
    forge(here.box, 'bare1234');
    const kept = [live.id, held.id, 'foreign1', 'bare1234'].sort();
    orphan(here, 'dead1234');
    await wrap(here);
    await waitUntil('the orphan is gone', () => !here.box.left().some((name) => name.includes('dead1234')));
    assert.deepEqual(here.box.left().sort(), kept);
  });

  test('never takes what agents left elsewhere, nor units of living sessions', async (t) => {
    const here = scene(t);
    const owner = { ...reaping.identityOf(process.pid), ...reaping.realm(), uid: process.getuid?.() ?? 0 };
    const lease = leaseOf('live1234', { backend: 'claude', owner });
    const unit = join(
      forge(here.box, 'live1234', { lease, files: ['claude-1a2b-cwd'] }).tmpdir,
      'claude-1a2b-cwd',
    );
    const left = put(join(here.box.dir, 't/claude-1a2b-cwd'));
    orphan(here, 'dead1234');
    // As qw-run starts it, but in a time when both are stale.
    const env = { ...here.options.env, ...reaping.shifted({ laterMs: 73 * HOUR }), TMPDIR: dirname(left) };
    const told = await run(qwTmp, ['reap', '--dry-run', '--json'], { ...here.options, env });
    const { swept, legacy } = JSON.parse(told.stdout);
    const paths = [...swept, ...legacy].map(({ path }) => path);
    assert.deepEqual([paths.includes(unit), paths.includes(left)], [true, true]);
    const pass = join(dirname(qwRun), 'qw-watchdog.cjs');
    await run(pass, ['pass', here.box.root, '', ''], { ...here.options, env });
    assert.deepEqual(here.box.left(), ['live1234']);
    for (const path of [unit, left]) assert.equal(readFileSync(path, 'utf8'), 'content');
  });
});
