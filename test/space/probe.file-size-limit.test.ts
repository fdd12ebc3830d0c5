// A limit on the size of files (`ulimit -f`) is the user's own, and says nothing of the disk: a session opens below it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { qwRun, repoRoot } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

/** sh counts in blocks of 512 bytes: less than one write of the probe, less than all of it. */
for (const blocks of [8, 100, 300])
  test(`a session opens where no file may be larger than ${blocks} blocks`, (t) => {
    const { options, nothingLeft } = scene(t);
    const script = `ulimit -f ${blocks}; exec "$@"`;
    const command = ['-c', script, 'sh', process.execPath, qwRun, 'sh', '-c', 'echo x >"$TMPDIR/x"; exit 7'];
    const { status, stderr } = spawnSync('sh', command, { ...options, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [7, '']);
    nothingLeft();
  });

test('a server that meets the limit with a session open goes on, as it does without us', (t) => {
  const { options, nothingLeft } = scene(t);
  const server = `import { writeFileSync } from 'node:fs';
    import { openSession } from 'qw-run';
    const session = await openSession();
    try { writeFileSync(session.tmpdir + '/large', Buffer.alloc(100_000)); } catch ({ code }) { console.log(code); }
    setImmediate(async () => console.log((await session.end()).state));`;
  const node = [process.execPath, '--input-type=module', '-e', server];
  const command = ['-c', 'ulimit -f 100; exec "$@"', 'sh', ...node];
  const { status, stdout, stderr } = spawnSync('sh', command, {
    ...options,
    cwd: repoRoot,
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [0, 'EFBIG\nremoved\n', '']);
  nothingLeft();
});

test('where nothing may be written at all, the limit is named', (t) => {
  const { options, nothingLeft } = scene(t);
  const command = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, qwRun, 'true'];
  const { status, stdout } = spawnSync('sh', command, { ...options, encoding: 'utf8', stdio: 'pipe' });
  assert.deepEqual([status, stdout], [125, '']);
  nothingLeft();
});
