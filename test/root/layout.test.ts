// What sessions are called and how long their TMPDIR is: sockets in it have to fit into 108 bytes.
import assert from 'node:assert/strict';
import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { tmpdirBytes } from '#src/root/layout.js';
import { rootCandidates } from '#src/root/locate.js';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

describe('names', { concurrency: 2 }, () => {
  test('a session without any setting lives in a default root, its TMPDIR has at most 36 bytes, and it goes', async (t) => {
    const { options, box, nothingLeft } = scene(t);
    delete options.env['QW_ROOT'];
    const args = [
      '--label',
      'looks only',
      'sh',
      '-c',
      'echo "$TMPDIR $QW_ROOT $QW_SESSION"; test -d "$TMPDIR"',
    ];
    const { code, stdout, stderr } = await run(qwRun, args, options);
    assert.equal(code, 0, stderr);
    // The defaults are this machine's: one may be passed over.
    assert.match(stderr, /^(qw-run: TMPDIR lies in [^\n]+\n)?$/);
    const [tmpdir = '', root = '', id = ''] = stdout.trim().split(' ');
    const defaults = ['/tmp', '/var/tmp'].map((dir) => `${realpathSync(dir)}/qw-${process.getuid?.()}`);
    assert.ok(defaults.includes(root), root);
    assert.match(id, /^[a-z0-9]{8}$/);
    assert.equal(tmpdir, `${root}/${id}/tmp`);
    assert.ok(Buffer.byteLength(tmpdir) <= 36, tmpdir);
    assert.equal(existsSync(dirname(tmpdir)), false);
    nothingLeft();
    assert.equal(existsSync(box.root), false);
  });

  test('the longest uid there is still leaves 36 bytes for the default roots', () => {
    const question = {
      env: {},
      uid: 2 ** 32 - 2,
      insideSession: false,
      hasUserQuota: () => false,
      isNoexec: () => false,
    };
    for (const platform of ['linux', 'darwin'] as const) {
      const candidates = rootCandidates({ ...question, platform });
      assert.equal(candidates.length, 2);
      for (const { path } of candidates) assert.ok(tmpdirBytes(path) <= 36, path);
    }
  });

  test('many sessions at once in a root that does not exist yet: each has a name of its own', async (t) => {
    const { options, nothingLeft } = scene(t);
    const args = ['sh', '-c', 'echo $QW_SESSION; mkdir "$TMPDIR/mine"'];
    const all = await Promise.all(Array.from({ length: 8 }, () => run(qwRun, args, options)));
    const names = all.map(({ stdout }) => stdout.trim());
    assert.deepEqual(
      all.map(({ code, stderr }) => [code, stderr]),
      all.map(() => [0, '']),
    );
    for (const name of names) assert.match(name, /^[a-z0-9]{8}$/);
    assert.equal(new Set(names).size, 8);
    nothingLeft();
  });
});
