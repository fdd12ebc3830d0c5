// How much of procfs is read while a server's only thread waits: one look for all sessions, at who descends from whom, and nothing of
// what anybody has open.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { fixture } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';
import { readsLogged, type Told, toldServer } from '../helpers/told-server.js';

const MANY = 500;
const SESSIONS = 8;

/** What a server reads once it is told to go, beside a process with many descriptors that is younger than it. */
async function readsOf(here: Scene, told: Told): Promise<{ reads: string[]; bystander: number }> {
  const { env, since } = readsLogged(here);
  const server = await toldServer(here, { count: SESSIONS, ...told, env });
  const holder = spawn('python3', [fixture('hold-descriptors.py'), `${MANY}`], {
    ...here.options,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const { code, stderr } = await server.go();
  const reads = since();
  holder.kill('SIGKILL');
  assert.deepEqual([code, stderr], [3, '']);
  return { reads, bystander: holder.pid ?? 0 };
}

const looks = (reads: readonly string[]): number =>
  reads.filter((call) => call === 'readdirSync /proc').length;

/** All that was read of one process. */
const readOf = (pid: number, reads: readonly string[]): string[] => [
  ...new Set(reads.filter((call) => new RegExp(` /proc/${pid}(/|$)`).test(call))),
];

/** Nothing of what it has open, and its variables at most once: also a look soon after the start reads them. */
function assertLookedAt(pid: number, reads: readonly string[]): void {
  const ofStat = `readFileSync /proc/${pid}/stat`;
  const ofVariables = [
    `statSync /proc/${pid}`,
    `openSync /proc/${pid}/environ`,
    `readSync /proc/${pid}/environ`,
  ];
  const read = readOf(pid, reads);
  assert.deepEqual(read, read.length > 1 ? [ofStat, ...ofVariables] : [ofStat]);
  assert.ok(reads.filter((call) => call === ofVariables[2]).length <= 1);
}

/** The way out looks once more: agents may have started others meanwhile. */
const AT_EXIT = 1;

/** The clock that tells how long a turn took stands still: no machine is too slow. */
const STOPPED = 'process.uptime = () => 1;';

describe('with eight sessions', { skip: process.platform !== 'linux' && 'reads procfs' }, () => {
  test('process.exit() looks once, and at nothing that is open', async (t) => {
    const here = scene(t);
    const { reads, bystander } = await readsOf(here, { code: 'process.exit(3)' });
    assert.equal(looks(reads), 1);
    assertLookedAt(bystander, reads);
    assert.equal(reads.filter((call) => call === `readFileSync /proc/${bystander}/stat`).length, 1);
    await here.nothingLeftSoon();
  });

  test('process.exit() looks at nobody when all agents are gone', async (t) => {
    const here = scene(t);
    const { reads } = await readsOf(here, {
      script: 'exit 0',
      code: `while (agents.some(({ exitCode }) => exitCode === null))
          await new Promise((resolve) => setTimeout(resolve, 10));
        fs.existsSync('/from-here-on');
        process.exit(3);`,
    });
    assert.equal(looks(reads), 0);
    await here.nothingLeftSoon();
  });

  test('beginEnd() of all, one after another, looks once', async (t) => {
    const here = scene(t);
    const { reads, bystander } = await readsOf(here, {
      code: `${STOPPED} for (const session of sessions) session.beginEnd(); process.exit(3);`,
    });
    assert.equal(looks(reads), 1 + AT_EXIT);
    assertLookedAt(bystander, reads);
    await here.nothingLeftSoon();
  });

  test('beginEnd() looks again in another turn: who was born meanwhile counts', async (t) => {
    const here = scene(t);
    const { reads, bystander } = await readsOf(here, {
      code: `${STOPPED} for (const session of sessions) await session.beginEnd(); process.exit(3);`,
    });
    assert.equal(looks(reads), SESSIONS + AT_EXIT);
    assertLookedAt(bystander, reads);
    await here.nothingLeftSoon();
  });

  test('beginEnd() looks again when its turn takes long', async (t) => {
    const here = scene(t);
    const { reads } = await readsOf(here, {
      code: `let now = 1; process.uptime = () => now;
        for (const session of sessions) { session.beginEnd(); now += 0.6; } process.exit(3);`,
    });
    assert.equal(looks(reads), SESSIONS / 2 + AT_EXIT);
    await here.nothingLeftSoon();
  });
});
