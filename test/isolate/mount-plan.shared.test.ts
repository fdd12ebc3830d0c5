// `--share` with what cannot be shown inside is refused with the reason, not ignored: a link that would be covered itself, and
// all of /tmp. A program that needs it is told.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const skip = noIsolation();

test('a link, a path through one, /tmp and what it is in', { skip }, async (t) => {
  const here = scene(t);
  const dir = mkdtempSync('/tmp/qw-share-');
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'real'));
  writeFileSync(join(dir, 'real/file'), 'seen\n');
  symlinkSync('real', join(dir, 'link'));
  const share = (path: string) =>
    run(qwRun, ['--isolate', 'tmp', '--share', path, 'cat', join(dir, 'real/file')], here.options);
  for (const path of [join(dir, 'link'), join(dir, 'link/file')]) {
    const { code, stderr } = await share(path);
    assert.equal(code, 125);
    assert.match(
      stderr,
      /^qw-run: --share: \S+ is or passes a link: name what it leads to, \S+\/real(\/file)?\n$/,
    );
  }
  for (const path of ['/tmp', '/']) {
    const { code, stderr } = await share(path);
    assert.equal(code, 125);
    assert.match(stderr, /^qw-run: --share: \S+ would be all of what is private: name a path below it\n$/);
  }
  const { code, stdout, stderr } = await share(join(dir, 'real'));
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'seen\n', stderr: '' });
  here.nothingLeft();
});

test('a program that is out of sight is told with what to share, by path and by name', {
  skip,
}, async (t) => {
  const here = scene(t);
  const dir = mkdtempSync('/tmp/qw-share-');
  t.after(() => rmSync(dir, { recursive: true }));
  const program = join(dir, 'program');
  writeFileSync(program, '#!/bin/sh\necho ran\n');
  chmodSync(program, 0o755);
  const env = { ...here.options.env, PATH: `${process.env['PATH']}:${dir}` };
  for (const name of [program, 'program']) {
    const { code, stderr } = await run(qwRun, ['--isolate', 'tmp', name], { ...here.options, env });
    assert.equal(code, 125);
    assert.equal(stderr, `qw-run: "${program}" is out of sight with a private /tmp; add --share ${dir}\n`);
    const command = ['--isolate', 'tmp', '--share', dir, name];
    assert.equal((await run(qwRun, command, { ...here.options, env })).stdout, 'ran\n');
  }
  await here.nothingLeftSoon();
});
