// Somebody puts a link in the place of a session that was claimed: what it leads to is not ours.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { quietly } from '#src/fs.js';
import { removeLater } from '#src/session/remove-later.js';
import { type Road, take } from '#src/take/take.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A session that is swapped for a link to `project` as soon as it is claimed. */
function swapped(t: TestContext) {
  const { root, dir } = scene(t).box;
  const project = join(dir, 'project');
  const precious = put(join(project, 'tmp/precious'));
  const thing = { kind: 'session', path: join(root, 'abcd1234'), base: root } as const;
  put(join(thing.path, 'tmp/file'));
  const lookAgain: Road['lookAgain'] = async ([claim]) => {
    renameSync(claim?.at ?? '', join(dir, 'away'));
    symlinkSync(project, claim?.at ?? '');
    return () => undefined;
  };
  return { root, dir, precious, project, thing, lookAgain };
}

test('it is not followed', async (t) => {
  const { thing, lookAgain, precious } = swapped(t);
  await take([thing], { lookAgain });
  assert.ok(existsSync(precious));
});

test('nor where nobody waits for the removal', async (t) => {
  const { thing, lookAgain, precious } = swapped(t);
  const handed: string[] = [];
  await take([thing], { lookAgain, handOver: (_root, at) => void handed.push(at) });
  assert.deepEqual([handed.length, existsSync(precious)], [1, true]);
});

test('nor by who removes it then', { skip: !existsSync('/proc/self') && 'needs procfs' }, async (t) => {
  const { root, dir, precious, project } = swapped(t);
  const [link, real] = [join(dir, 'link'), join(dir, 'real')];
  symlinkSync(project, link);
  put(join(real, 'tmp/file'));
  for (const tree of [link, real]) {
    removeLater(root, tree);
    await waitUntil('the remover is through', () => !isNamed(tree));
  }
  assert.deepEqual([existsSync(precious), existsSync(real)], [true, false]);
});

/** Whether a process has `path` among its arguments. */
const isNamed = (path: string): boolean =>
  readdirSync('/proc').some((pid) =>
    quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.includes(path),
  );
