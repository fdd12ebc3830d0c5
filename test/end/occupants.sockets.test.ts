// Whose socket lies in T though the name it was bound by does not say so: a relative one, or one through a link.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { listed } from '../helpers/listed.js';
import { killed } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { bound, noPython } from '../helpers/sockets.js';

const NONE = 'echo "ready $$ "';

/** The steps of somebody who has a socket in `tmp`; `beside` is a directory outside. A relative name is the same as any other
 * process's: `s` is nobody else's. */
const HOLDS: Record<string, (tmp: string, beside: string, s: string) => string[]> = {
  'through a link': (tmp, beside) => {
    symlinkSync(tmp, join(beside, 'link'));
    return [`listen ${beside}/link/s`];
  },
  'for datagrams through a link to a link': (tmp, beside) => {
    symlinkSync(dirname(tmp), join(beside, 'one'));
    symlinkSync('one', join(beside, 'two'));
    return [`datagram ${beside}/two/tmp/s`];
  },
  'from a directory outside': (tmp) => [`chdir ${dirname(dirname(tmp))}`, `listen ${fromRoot(tmp)}/s`],
  'by way of a directory above': (tmp, beside) => [`chdir ${beside}`, `listen ../${fromBox(tmp)}/s`],
  'from T, left since': (tmp, _, s) => [`chdir ${tmp}`, `listen ${s}`, 'chdir /'],
  'from far below, left since': (tmp, _, s) => [`chdir ${tmp}/a`, `datagram ./b/../b/${s}`, 'chdir /'],
};
const ownName = ({ box }: Scene) => `s-${basename(box.dir)}`;
const fromRoot = (tmp: string) => `${basename(dirname(tmp))}/tmp`;
const fromBox = (tmp: string) => `${basename(dirname(dirname(tmp)))}/${fromRoot(tmp)}`;

describe('a socket bound in T', { concurrency: 1, skip: noPython }, () => {
  for (const [what, steps] of Object.entries(HOLDS)) {
    test(`${what} keeps it`, async (t) => {
      const here = scene(t);
      const { id, leave } = await agentThat(here, ['--grace', '100ms'], NONE);
      const tmp = join(here.box.root, id, 'tmp');
      const beside = join(here.box.dir, 'beside');
      mkdirSync(join(tmp, 'a/b'), { recursive: true });
      mkdirSync(beside);
      const holder = await bound(here, ...steps(tmp, beside, ownName(here)));

      const { code, stderr } = await leave();

      assert.equal(code, CODE);
      assert.ok(stderr.includes(`(${holder}`), stderr);
      const [session] = await listed(here);
      assert.deepEqual([session?.state, session?.holders.map(({ pid }) => pid)], ['held', [holder]]);
      await killed(holder);
      await here.nothingLeftSoon();
    });
  }

  test('elsewhere, by a relative name that in T is no socket, keeps nothing', async (t) => {
    const here = scene(t);
    const { id, leave } = await agentThat(here, [], NONE);
    const s = ownName(here);
    writeFileSync(join(here.box.root, id, 'tmp', s), '');
    const beside = join(here.box.dir, 'beside');
    mkdirSync(beside);
    const holder = await bound(here, `chdir ${beside}`, `listen ${s}`, 'chdir /');
    const { code, stderr } = await leave();
    assert.deepEqual([code, stderr, here.box.left()], [CODE, '', []]);
    assert.deepEqual(here.processes(), [holder]);
  });
});
