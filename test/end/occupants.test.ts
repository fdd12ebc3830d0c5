// Somebody who only uses something in T (an open file, a working directory, a bound socket, a mapping) may be a person's
// shell or editor: never ended, T whole and `held` as long as they use it, removed when they leave.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { listed, states } from '../helpers/listed.js';
import { type Holding, outsider, stranger } from '../helpers/outsider.js';
import { isAlive, kill } from '../helpers/processes.js';
import { killed, picture, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const NONE = 'echo "ready $$ "';
const tmpOf = ({ box }: Scene, id: string) => join(box.root, id, 'tmp');

/** Who holds T, and how. */
type Hold = (here: Scene, tmp: string) => Promise<number>;
const HOLDS: Record<string, Hold> = {
  'an open file': (here, tmp) => outsider(here, 'file', join(tmp, 'held')),
  'its working directory': (here, tmp) => outsider(here, 'cwd', tmp),
  'its working directory far below': (here, tmp) => outsider(here, 'cwd', join(tmp, 'a/b')),
  'a bound socket': (here, tmp) => outsider(here, 'socket', join(tmp, 'socket')),
  'an open directory': (here, tmp) => stranger(here, 'sh', ['-c', `exec 3<'${tmp}/a'; ${STAY}`]),
  'a lock on a file': (here, tmp) => stranger(here, 'sh', ['-c', `exec 3>'${tmp}/lock'; flock 3; ${STAY}`]),
  'a running program': (here, tmp) => {
    const program = join(tmp, basename(process.execPath));
    copyFileSync(process.execPath, program);
    return stranger(here, program, ['-e', 'console.log("ready"); setInterval(() => {}, 60000)']);
  },
  'a mapped library': (here, tmp) => {
    const library = join(tmp, 'mapped.so');
    copyFileSync(someLibrary(), library);
    return stranger(here, 'env', [`LD_PRELOAD=${library}`, process.execPath, '-e', MAPPED]);
  },
};
const STAY = 'echo ready; exec sleep 600';
const MAPPED = `const maps = require('fs').readFileSync('/proc/self/maps', 'utf8');
  if (maps.includes('/mapped.so')) console.log('ready'); setInterval(() => {}, 60000)`;

describe('an outsider is never ended and T stays while it has', { concurrency: 4 }, () => {
  for (const [what, hold] of Object.entries(HOLDS)) {
    test(what, async (t) => {
      const here = scene(t);
      const { id, leave } = await agentThat(here, ['--grace', '100ms'], NONE);
      const tmp = tmpOf(here, id);
      put(join(tmp, 'a/b/work'));
      const holder = await hold(here, tmp);
      const before = picture(tmp);

      const { code, signal, stderr } = await leave();

      assert.deepEqual([code, signal], [CODE, null]);
      assert.match(stderr, /^qw-run: [^\n]+\n$/);
      assert.ok(stderr.includes(tmp) && stderr.includes(`(${holder}`), stderr);
      assert.ok(isAlive(holder));
      assert.deepEqual(picture(tmp), before);
      const [session] = await listed(here);
      assert.deepEqual([session?.id, session?.state], [id, 'held']);
      assert.deepEqual(
        session?.holders.map(({ pid }) => pid),
        [holder],
      );

      for (const one of here.processes()) await killed(one);
      await here.nothingLeftSoon();
    });
  }
});

describe('around a holder', { concurrency: 4 }, () => {
  test('what the agent left behind is ended all the same', async (t) => {
    const here = scene(t);
    const { id, pid, leave } = await agentThat(here, [], `setsid sh -c 'echo "ready $$ "; exec sleep 600' &`);
    const holder = await outsider(here, 'cwd', tmpOf(here, id));
    const { code, stderr } = await leave();
    assert.equal(code, CODE);
    assert.ok(!isAlive(pid) && isAlive(holder));
    assert.equal(stderr.trimEnd().split('\n').length, 2, stderr);
    assert.deepEqual(await states(here), [`${id} held`]);
    await killed(holder);
    await here.nothingLeftSoon();
  });

  test('the last of several takes T with it', async (t) => {
    const here = scene(t);
    const { id, leave } = await agentThat(here, [], NONE);
    const tmp = tmpOf(here, id);
    const kinds: Holding[] = ['file', 'cwd', 'socket'];
    const holders: number[] = [];
    for (const what of kinds)
      holders.push(await outsider(here, what, what === 'cwd' ? tmp : join(tmp, what)));
    await leave();
    const last = holders.pop() as number;
    for (const one of holders) await killed(one);
    const [session] = await listed(here);
    assert.deepEqual([session?.state, session?.holders.map(({ pid }) => pid)], ['held', [last]]);
    await killed(last);
    await here.nothingLeftSoon();
  });

  test('an agent ended by SIGTERM leaves it alone too', async (t) => {
    const here = scene(t);
    const { id, wrapper } = await agentThat(here, [], NONE);
    const holder = await outsider(here, 'file', join(tmpOf(here, id), 'held'));
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).signal, 'SIGTERM');
    assert.ok(isAlive(holder) && existsSync(join(tmpOf(here, id), 'held')));
    await killed(holder);
    await here.nothingLeftSoon();
  });

  test('an open file that is removed already keeps nothing', async (t) => {
    const here = scene(t);
    const { id, leave } = await agentThat(here, [], NONE);
    const holder = await stranger(here, 'sh', ['-c', `f='${tmpOf(here, id)}/f'; exec 3>$f; rm $f; ${STAY}`]);
    const { code, stderr } = await leave();
    assert.deepEqual([code, stderr], [CODE, '']);
    assert.deepEqual(here.box.left(), []);
    assert.deepEqual(here.processes(), [holder]);
  });
});

/** A small shared library that this process uses itself. */
function someLibrary(): string {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  return /\/\S+\/lib(m|dl|gcc_s|stdc\+\+)[-.]\S*so\S*/.exec(maps)?.[0] ?? '';
}
