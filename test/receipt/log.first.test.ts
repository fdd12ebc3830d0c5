// The first receipts of a user: nobody has made the directory yet in which the log lies.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwTmp } from '../helpers/paths.js';
import { forge, leaseOf } from '../helpers/reaping.js';
import { logOf, receiptsIn } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';

test('passes that run at once all leave theirs', async (t) => {
  const here = scene(t);
  const ids = Array.from({ length: 6 }, (_, at) => `orphan0${at}`);
  const roots = ids.map((id) => {
    const box = { ...here.box, root: join(here.box.dir, id) };
    forge(box, id, { lease: leaseOf(id) });
    return box.root;
  });
  assert.ok(!existsSync(logOf(here)));
  const ends = await Promise.all(roots.map((root) => run(qwTmp, ['reap', '--root', root], here.options)));
  assert.deepEqual(
    ends.map(({ code, stderr }) => [code, stderr]),
    roots.map(() => [0, '']),
  );
  assert.deepEqual(
    receiptsIn(here)
      .map(({ id, state }) => `${id} ${state}`)
      .sort(),
    ids.map((id) => `${id} removed`),
  );
});
