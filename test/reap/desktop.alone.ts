// Not beside other tests of the same user: what cannot be read is a possible holder for their sessions too.
// A desktop's ssh-agent and gpg-agent forbid even their own user to look into them. They count as possible holders only
// where they may have come from the session: started in its time, and not for longer than max age.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { stranger } from '../helpers/outsider.js';
import { isAlive, kill } from '../helpers/processes.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const { forge, HOUR, killed, leaseOf, reapOnce } = reaping;
const ID = 'dead1234';
const NAMES = ['ssh-agent', 'gpg-agent'] as const;
type Name = (typeof NAMES)[number];

/** Starts one; resolves when nobody may look into it any more. It is beyond the scene's mark, so it ends by its pid. */
async function secretive(t: TestContext, here: Scene, name: Name): Promise<number> {
  const place = join(here.box.dir, name);
  const pid = await (name === 'ssh-agent' ? sshAgent(here, place) : gpgAgent(here, place));
  t.after(() => kill(pid, 'SIGKILL'));
  await waitUntil(`${name} is unreadable`, () => isAlive(pid) && !isReadable(pid));
  return pid;
}

const sshAgent = (here: Scene, socket: string): Promise<number> =>
  stranger(here, 'sh', ['-c', 'echo ready; exec ssh-agent -D -a "$0" >/dev/null 2>&1', socket]);

/** This one forks whatever one says, and leaves by itself when its directory is gone. */
async function gpgAgent(here: Scene, place: string): Promise<number> {
  mkdirSync(place, { mode: 0o700 });
  const run = (file: string, ...args: string[]) =>
    spawnSync(file, ['--homedir', place, ...args], { ...here.options, cwd: '/', encoding: 'utf8' });
  run('gpg-agent', '--quiet', '--daemon');
  return waitUntil('it says its pid', () => {
    const { stdout } = run('gpg-connect-agent', '--no-autostart', 'getinfo pid', '/bye');
    return Number(/^D (\d+)/m.exec(stdout ?? '')?.[1] ?? 0);
  });
}

function isReadable(pid: number): boolean {
  try {
    readFileSync(`/proc/${pid}/environ`);
    return true;
  } catch {
    return false;
  }
}

/** A session whose owner died, opened and last seen so many hours ago. */
function dead({ box }: Scene, openedAgo: number, seenAgo: number): void {
  const at = (hours: number) => Date.now() - hours * HOUR;
  const { dir } = forge(box, ID, {
    lease: leaseOf(ID, { createdAt: new Date(at(openedAgo)).toISOString() }),
  });
  utimesSync(join(dir, 'lease.json'), at(seenAgo) / 1000, at(seenAgo) / 1000);
}

async function verdict(here: Scene, shift: reaping.Shift = {}): Promise<string> {
  const { report, ids } = await reapOnce(here, ['--orphans', 'end'], shift);
  return ids.includes(ID) ? 'removed' : report.kept.map(({ state, reason }) => `${state}, ${reason}`).join();
}

const noneFor = (name: Name): string | false => {
  if (process.getuid?.() === 0) return 'root may look into every process';
  const missing = [name, ...(name === 'gpg-agent' ? ['gpg-connect-agent'] : [])].find(
    (program) => spawnSync(program, ['-?']).error,
  );
  return missing ? `${missing} is not installed` : false;
};

for (const name of NAMES) {
  describe(`${name}, unreadable`, { skip: noneFor(name) }, () => {
    test('started after the owner was last seen, it holds nothing: the orphan goes', async (t) => {
      const here = scene(t);
      dead(here, 3, 1);
      const pid = await secretive(t, here, name);
      assert.equal(await verdict(here), 'removed');
      assert.ok(isAlive(pid));
      here.nothingLeft();
    });

    test('started before the session was opened, it holds nothing: the orphan goes', async (t) => {
      const here = scene(t);
      const pid = await secretive(t, here, name);
      dead(here, -0.1, -0.2); // the clock of the lease runs ahead, so that nobody has to wait
      assert.equal(await verdict(here, { laterMs: HOUR }), 'removed');
      assert.ok(isAlive(pid));
    });

    test('started while the session lived, it may hold something: kept until it ends', async (t) => {
      const here = scene(t);
      dead(here, 3, 0);
      const pid = await secretive(t, here, name);
      assert.equal(await verdict(here), 'held, in-use');
      assert.equal(await verdict(here, { laterMs: 71 * HOUR }), 'held, in-use');
      assert.ok(isAlive(pid), 'never ended on a suspicion');
      await killed(pid);
      assert.equal(await verdict(here), 'removed');
    });

    test('started while the session lived, it keeps that until max age and no longer', async (t) => {
      const here = scene(t);
      dead(here, 3, 0);
      const pid = await secretive(t, here, name);
      assert.equal(await verdict(here, { laterMs: 73 * HOUR }), 'removed');
      assert.ok(isAlive(pid));
    });

    test('a real session that follows it is reaped at once when its owner and agent are killed', async (t) => {
      const here = scene(t);
      const pid = await secretive(t, here, name);
      const startedAt = Date.now();
      await waitUntil('the session is a good while younger', () => Date.now() > startedAt + 2_000);
      const { id, agent } = await reaping.openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
      await killed(agent);
      assert.deepEqual((await reapOnce(here)).ids, [id]);
      assert.ok(isAlive(pid));
      here.nothingLeft();
    });
  });
}

test('a bound socket of an unreadable ssh-agent in a session is seen all the same, and holds it', {
  skip: noneFor('ssh-agent'),
}, async (t) => {
  const here = scene(t);
  const { tmpdir } = forge(here.box, ID, { lease: leaseOf(ID) });
  const box = { ...here.box, dir: tmpdir };
  const pid = await secretive(t, { ...here, box }, 'ssh-agent');
  // Opened and last seen hours before: only the socket tells.
  dead(here, 3, 1);
  await waitUntil('its socket is there', () => readFileSync('/proc/net/unix', 'utf8').includes(tmpdir));
  assert.equal(await verdict(here), 'held, in-use');
  await killed(pid);
  assert.equal(await verdict(here), 'removed');
});
