// Who forbids even the own user to look counts only where something in the session speaks for it: a bound socket that nobody readable has.
// A desktop's ssh-agent and gpg-agent are of that kind, and never a reason to hold.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stranger } from '../helpers/outsider.js';
import { fixture } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { forge, HOUR, killed, leaseOf, reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

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
function dead({ box }: Scene, openedAgo: number, seenAgo: number): { tmpdir: string } {
  const at = (hours: number) => Date.now() - hours * HOUR;
  const { dir, tmpdir } = forge(box, ID, {
    lease: leaseOf(ID, { createdAt: new Date(at(openedAgo)).toISOString() }),
  });
  utimesSync(join(dir, 'lease.json'), at(seenAgo) / 1000, at(seenAgo) / 1000);
  return { tmpdir };
}

async function verdict(here: Scene): Promise<string> {
  const { report, ids } = await reapOnce(here, ['--orphans', 'end']);
  return ids.includes(ID) ? 'removed' : report.kept.map(({ state, reason }) => `${state}, ${reason}`).join();
}

const noneFor = (name: Name): string | false => {
  if (process.getuid?.() === 0) return 'root may look into every process';
  const missing = [name, ...(name === 'gpg-agent' ? ['gpg-connect-agent'] : [])].find(
    (program) => spawnSync(program, ['-?']).error,
  );
  return missing ? `${missing} is not installed` : false;
};

for (const name of NAMES)
  test(`${name} of a desktop, started while the session lived: the orphan goes`, {
    skip: noneFor(name),
  }, async (t) => {
    const here = scene(t);
    dead(here, 3, 0);
    const pid = await secretive(t, here, name);
    assert.equal(await verdict(here), 'removed');
    assert.ok(isAlive(pid));
    here.nothingLeft();
  });

test('ssh-agent whose socket is there: the orphan goes, and it lives on', {
  skip: noneFor('ssh-agent'),
}, async (t) => {
  const here = scene(t);
  const { tmpdir } = dead(here, 3, 0);
  const pid = await secretive(t, { ...here, box: { ...here.box, dir: tmpdir } }, 'ssh-agent');
  assert.equal(await verdict(here), 'removed');
  assert.ok(isAlive(pid));
});

for (const [what, openedAgo, seenAgo] of [
  ['while the session lived', 3, 0],
  ['after its owner was last seen', 3, 1],
] as const)
  test(`any other with a socket there, started ${what}: held, and never ended on a suspicion`, {
    skip: noneFor('ssh-agent'),
  }, async (t) => {
    const here = scene(t);
    const { tmpdir } = dead(here, openedAgo, seenAgo);
    const pid = await stranger(here, 'python3', [fixture('unreadable.py'), join(tmpdir, 's')]);
    t.after(() => kill(pid, 'SIGKILL'));
    assert.equal(isReadable(pid), false);
    assert.equal(await verdict(here), 'held, in-use');
    assert.ok(isAlive(pid));
    await killed(pid);
    assert.equal(await verdict(here), 'removed');
  });

test('the same with its socket elsewhere holds nothing', { skip: noneFor('ssh-agent') }, async (t) => {
  const here = scene(t);
  dead(here, 3, 0);
  const pid = await stranger(here, 'python3', [fixture('unreadable.py'), join(here.box.dir, 's')]);
  t.after(() => kill(pid, 'SIGKILL'));
  assert.equal(await verdict(here), 'removed');
  assert.ok(isAlive(pid));
});
