// A machine whose /tmp is a link: what is private is what it leads to, by either name.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun, repoRoot } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

/** All of this machine but /tmp, which leads to /data: that is `data`, and what is tested, should it lie below /tmp. */
function machine(data: string): string[] {
  const binds = readdirSync('/', { withFileTypes: true })
    .filter(({ name }) => name !== 'tmp')
    .flatMap((entry) => {
      const path = join('/', entry.name);
      return entry.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--dev-bind', path, path];
    });
  const below = relative('/tmp', repoRoot);
  const ours = below.startsWith('..') ? [] : ['--bind', repoRoot, join('/data', below)];
  return [...binds, '--dev-bind', data, '/data', ...ours, '--symlink', 'data', '/tmp'];
}

for (const flags of [['tmpfs'], ['tmp'], ['tmp', '--size', '4M']])
  test(flags.join(' '), { skip: noIsolation() }, (t) => {
    const here = scene(t);
    const data = join(here.box.dir, 'data');
    mkdirSync(data);
    chmodSync(data, 0o1777);
    const script = 'cd "$TMPDIR" && mktemp -p . >/dev/null && mktemp -p /tmp && pwd -P';
    const { status, stdout, stderr } = spawnSync(
      'bwrap',
      [...machine(data), process.execPath, qwRun, '--isolate', ...flags, 'sh', '-c', script],
      {
        cwd: '/',
        encoding: 'utf8',
        env: { ...here.options.env, QW_ROOT: '/tmp/r', HOME: '/', XDG_STATE_HOME: '/tmp/s' },
      },
    );
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    const [made = '', tmpdir = ''] = stdout.split('\n');
    assert.match(made, /^\/tmp\/tmp\./);
    assert.match(tmpdir, flags[0] === 'tmp' ? /^\/data$/ : /^\/data\/r\/\w{8}\/tmp$/);
    const left = readdirSync(data).filter((name) => name.startsWith('tmp.'));
    assert.equal(left.length, flags[0] === 'tmp' ? 0 : 1, `${left}`);
  });
