// SIGKILL before each call that changes something, of everybody who removes: the reaper, `qw-tmp rm`, the watchdog's program. One
// reap by a fresh process then leaves nothing of what was to go, and everything of what was to stay.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadClaim } from '../../helpers/claims.js';
import { inParallel, inScene, row, sized } from '../../helpers/conformance.js';
import { qwTmp, repoRoot } from '../../helpers/paths.js';
import {
  deadOwner,
  forge,
  HOUR,
  identityOf,
  leaseOf,
  picture,
  put,
  realm,
  reapOnce,
  shifted,
} from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { stepped } from './steps.js';

const LATER = { laterMs: 80 * HOUR };
const OWNER = deadOwner();
const ENDING = { ending: new Date().toISOString() };

/** Whoever removes something, and which of the forged things it may take. */
const REMOVERS: { name: string; bin: string; args(root: string): string[] }[] = [
  { name: 'qw-tmp reap', bin: qwTmp, args: () => ['reap'] },
  { name: 'qw-tmp reap --orphans end', bin: qwTmp, args: () => ['reap', '--orphans', 'end'] },
  {
    name: 'qw-tmp rm --force',
    bin: qwTmp,
    args: () => ['rm', '--force', 'orphan00', 'orphan01', 'members0'],
  },
  {
    name: 'the watchdog’s program',
    bin: join(repoRoot, 'dist/bin/qw-watchdog.cjs'),
    args: (root) => [`${OWNER.pid}:${OWNER.startTime}:${OWNER.bootId}`, join(root, 'nolease0'), root],
  },
];

for (const remover of sized({ fast: REMOVERS.slice(0, 1), full: REMOVERS })) {
  test(`SIGKILL at every step of ${remover.name}`, async () => {
    const run = (here: Scene, at: number) =>
      stepped(here, remover.bin, remover.args(here.box.root), { at }, shifted(LATER));
    const count = await inScene(async (here) => {
      forgeAll(here);
      return (await run(here, 0)).steps.length;
    });
    assert.ok(count >= 5, `${count} steps`);
    const points = Array.from({ length: count }, (_, index) => index + 1);
    const crashes = await inParallel(points, (at) =>
      inScene(async (here) => {
        const { look, stays } = forgeAll(here);
        const before = look();
        const { signal, steps, code } = await run(here, at);
        // Who has ended already is not told to go on: a step less.
        const complaints = signal === 'SIGKILL' || steps.length < at ? [] : [`ended with ${code}`];
        const after = await reapOnce(here, ['--orphans', 'end'], LATER);
        if (after.code !== 0) complaints.push(`the reap failed: ${JSON.stringify(after.report.failed)}`);
        const left = here.box.left().filter((name) => !stays.includes(name));
        if (left.length > 0) complaints.push(`left: ${left}`);
        if (JSON.stringify(look()) !== JSON.stringify(before)) complaints.push('something of others changed');
        return complaints.map((it) => `${at} ${steps.at(-1)}: ${it}`);
      }),
    );
    row('crash', [remover.name, count, crashes.filter((it) => it.length > 0).length]);
    assert.deepEqual(crashes.flat(), []);
  });
}

/** What goes: dead sessions, one with a member, one without lease, a stale unit, two leftovers. What stays: `stays`, seen by `look`. */
function forgeAll(here: Scene): { look(): string[]; stays: string[] } {
  const { box } = here;
  const alive = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  forge(box, 'orphan00', { lease: leaseOf('orphan00', { owner: OWNER, ...ENDING }) });
  forge(box, 'orphan01', { lease: leaseOf('orphan01', { owner: OWNER }) });
  forge(box, 'nolease0');
  const { tmpdir } = forge(box, 'members0', { lease: leaseOf('members0', { owner: OWNER, ...ENDING }) });
  spawn('sleep', ['600'], {
    cwd: '/',
    stdio: 'ignore',
    env: { ...here.options.env, TMPDIR: tmpdir },
  }).unref();
  put(join(box.root, `.trash/gone0000.${deadClaim()}/tmp/file`));
  const task = `claude-${alive.uid}/-project/${randomUUID()}/tasks/b1.output`;
  const lease = leaseOf('living00', { owner: alive, backend: 'claude' });
  const living = forge(box, 'living00', { lease, files: ['mine', task] });
  forge(box, 'kept0000', {
    lease: leaseOf('kept0000', { owner: OWNER, kept: { at: new Date().toISOString() } }),
  });
  put(join(box.root, 'not-a-session/tmp/file'));
  put(join(box.dir, 'canary/file'));
  const dirs = ['kept0000', 'not-a-session', '../canary'].map((name) => join(box.root, name));
  const look = () => [
    ...dirs.flatMap((dir) => picture(dir)),
    ...['lease.json', 'tmp/mine'].map((name) => `${existsSync(join(living.dir, name))}`),
  ];
  return { look, stays: ['kept0000', 'living00', 'not-a-session'] };
}
