// The real pm2: its daemon is started by whoever needs it first, and runs programs for every terminal from then on.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beside, daemonScene, heldBy, missing, named, tmpOf } from '../helpers/belongs.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { ids, picture, put } from '../helpers/reaping.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = missing('pm2');
const STAY = 'setInterval(() => {}, 60_000);';
const inPm2 = ({ box }: Scene, name: string) => join(box.dir, 'home/.pm2', name);
const numberIn = (path: string) => Number(existsSync(path) ? readFileSync(path, 'utf8') : 0);

/** Pids of its programs, once there are so many. */
const programs = (here: Scene, count: number): Promise<number[]> =>
  waitUntil(`pm2 runs ${count}`, () => {
    const dir = inPm2(here, 'pids');
    const pids = existsSync(dir) ? readdirSync(dir).map((name) => numberIn(join(dir, name))) : [];
    return pids.length === count && pids.every(isAlive) ? pids : null;
  });

for (const [mode, flags, count] of [
  ['fork', [], 2],
  ['cluster', ['-i', '2'], 4],
] as const)
  test(`its daemon, born in the session, and all it runs live on (${mode})`, { skip }, async (t) => {
    const here = daemonScene(t);
    for (const name of ['a.js', 'b.js']) put(join(here.box.cwd, name), STAY);
    const script = `echo work >"$TMPDIR/work"; pm2 start a.js ${flags.join(' ')} >/dev/null 2>&1
      echo "ready $(cat ~/.pm2/pm2.pid) "`;
    const { pid: daemon, id, leave } = await agentThat(here, [], script);
    beside(here, 'pm2', ['start', 'b.js', ...flags]);
    const all = [daemon, ...(await programs(here, count))];
    const before = picture(tmpOf(here, id));
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.deepEqual(all.filter(isAlive), all, stderr);
    named(stderr, daemon);
    assert.deepEqual(picture(tmpOf(here, id)), before);
    const { name, evidence } = await heldBy(here, id, daemon);
    assert.match(name, /pm2/i);
    beside(here, 'pm2', ['kill']);
    await here.nothingLeftSoon(['a.js', 'b.js']);
    assert.ok(evidence, 'the list says what it knows that from');
  });

test('a pm2 around qw-run changes nothing for what qw-run started', { skip }, async (t) => {
  const here = daemonScene(t);
  const agent = 'setsid sleep 600 & echo $! >child; until [ -e leave ]; do sleep 0.05; done';
  put(join(here.box.cwd, 'agent.sh'), agent);
  const linked = join(here.box.dir, 'qw-run.cjs'); // a path with a space is a command to pm2
  symlinkSync(qwRun, linked);
  const start = ['start', linked, '--name', 's', '--no-autorestart', '--interpreter', process.execPath];
  beside(here, 'pm2', [...start, '--', 'sh', 'agent.sh']);
  const child = await waitUntil('the agent has a child', () => numberIn(join(here.box.cwd, 'child')));
  assert.ok(isAlive(child) && ids(here.box).length === 1);
  put(join(here.box.cwd, 'leave'));
  await waitUntil('the session is gone', () => here.box.left().length === 0);
  assert.ok(!isAlive(child));
  assert.ok(isAlive(numberIn(inPm2(here, 'pm2.pid'))));
  const log = inPm2(here, 'logs/s-error.log');
  await waitUntil('its end names the child', () => readFileSync(log, 'utf8').includes(`(${child})`));
  beside(here, 'pm2', ['kill']);
  await here.nothingLeftSoon(['agent.sh', 'child', 'leave']);
});
