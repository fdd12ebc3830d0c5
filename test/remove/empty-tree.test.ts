// A TMPDIR that only spared programs know is emptied: nothing outside is, however deep it is with few descriptors, and doors stay.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fs } from '#src/fs.js';
import { emptyTree } from '#src/remove/empty-tree.js';
import { picture, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const skip = process.platform !== 'linux' && 'Linux only';

for (const place of ['abcd1234', 'abcd1234/tmp'])
  test(`a link in the place of ${basename(place)} leads nowhere`, { skip }, async (t) => {
    const { dir } = sandbox(t);
    put(join(dir, 'abcd1234/tmp/precious'));
    renameSync(join(dir, place), join(dir, 'outside'));
    symlinkSync(join(dir, 'outside'), join(dir, place));
    const before = picture(join(dir, 'outside'));
    await emptyTree(join(dir, 'abcd1234/tmp'));
    assert.deepEqual(picture(join(dir, 'outside')), before);
  });

test('a thousand levels take few descriptors, and all goes but a door', { skip }, async (t) => {
  const tmp = join(sandbox(t).dir, 'tmp');
  mkdirSync(tmp);
  const levels = 'i=0; while [ $i -lt 1000 ]; do : >f; mkdir d; cd -P d; i=$((i+1)); done; mkfifo door';
  assert.equal(spawnSync('sh', ['-c', levels], { cwd: tmp }).status, 0);
  const { opendirSync } = fs;
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  let most = before;
  t.mock.method(fs, 'opendirSync', ((...args: Parameters<typeof opendirSync>) => {
    most = Math.max(most, descriptors());
    return opendirSync(...args);
  }) as typeof opendirSync);
  await emptyTree(tmp);
  assert.ok(most - before < 150, `${most - before} descriptors`);
  assert.equal(descriptors(), before);
  const left = readdirSync(tmp, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    left.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
    ['door'],
  );
});
