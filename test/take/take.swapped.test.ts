// Somebody puts a link in the place of a session that was claimed: what it leads to is not ours.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { removeLater } from '#src/session/remove-later.js';
import { freeClaim } from '#src/take/claim-name.js';
import { type Road, take } from '#src/take/take.js';
import { makeRoot } from '../helpers/make-root.js';
import { leaseOf, put } from '../helpers/reaping.js';
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
  await take([thing], { lookAgain, handOver: (root) => void handed.push(root) });
  assert.deepEqual([handed.length, existsSync(precious)], [1, true]);
});

test('nor by who removes it then', { skip: !existsSync('/proc/self') && 'needs procfs' }, async (t) => {
  const { root, precious, project } = swapped(t);
  const trash = join(root, '.trash');
  const [link, real] = ['linked00', 'there000'].map((id) => join(trash, `${id}.${freeClaim()}`)) as [
    string,
    string,
  ];
  chmodSync(root, 0o700);
  makeRoot(root);
  mkdirSync(trash);
  symlinkSync(project, link);
  put(join(real, 'lease.json'), JSON.stringify(leaseOf('there000')));
  put(join(real, 'tmp/file'));
  removeLater(root);
  await waitUntil('the remover is through', () => !readdirSync(trash).some((name) => /^there000/.test(name)));
  assert.ok(existsSync(precious));
});
