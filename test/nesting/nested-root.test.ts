// Where a nested session lives: beside the outer one where its root can be written, else inside the outer TMPDIR, with which
// it goes. An inherited QW_ROOT is a preference, a --root is an order.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { INNER } from '../helpers/nested.js';
import { qwRun } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { readyPid, scene } from '../helpers/scene.js';

const TELL = `'echo "$QW_ROOT $QW_SESSION $TMPDIR"; grep -o "\\"parent\\":\\"[a-z0-9]*\\"" "$TMPDIR/../lease.json"'`;
const OUTER = 'echo "$QW_ROOT $QW_SESSION $TMPDIR"';

interface Told {
  outer: string[];
  inner: string[];
  parent: string;
  rest: string[];
}

/** What `echo "$QW_ROOT $QW_SESSION $TMPDIR"` said outside and inside. */
function told(stdout: string): Told {
  const [outer = '', inner = '', parent = '', ...rest] = stdout.trimEnd().split('\n');
  return { outer: outer.split(' '), inner: inner.split(' '), parent, rest };
}

const MOUNTS = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc'];
/** A sandbox as agents make it: all of the root read-only but this TMPDIR. */
const SANDBOX = `exec unshare ${MOUNTS.join(' ')} sh -c 'mount --bind "$QW_ROOT" "$QW_ROOT" &&
  mount --bind "$TMPDIR" "$TMPDIR" && mount -o remount,bind,ro,nosuid,nodev "$QW_ROOT" &&
  ! touch "$QW_ROOT/x" 2>/dev/null && exec "$@"' sh`;

describe('the root of a nested session', { concurrency: 2 }, () => {
  const unusable: [what: string, before: string, after: string][] = [
    ['is a file', 'touch file; export QW_ROOT=$PWD/file;', 'rm -f file;'],
    ['has a parent that is gone', 'export QW_ROOT=$PWD/no/such;', ''],
    ['is a link', 'mkdir -m 700 d; ln -s d link; export QW_ROOT=$PWD/link;', 'rm -r d link;'],
    ['is open to others', 'mkdir -m 777 d; export QW_ROOT=$PWD/d;', 'rm -r d;'],
    ['may not be written', 'R=$QW_ROOT; chmod 500 "$R";', 'chmod 700 "$R";'],
    ['is not named at all', 'unset QW_ROOT;', ''],
  ];
  for (const [what, before, after] of unusable) {
    test(`lies in the outer TMPDIR where the inherited root ${what}`, async (t) => {
      const { box, options, nothingLeft } = scene(t);
      const script = `${OUTER}; ${before} ${INNER} sh -c ${TELL}; echo $?; ${after} ls "$TMPDIR/qw"`;
      const { code, stdout, stderr } = await run(qwRun, ['sh', '-c', script], options);
      assert.deepEqual([code, stderr], [0, '']);
      const { outer, inner, parent, rest } = told(stdout);
      const root = `${outer[2]}/qw`;
      assert.deepEqual(outer.slice(0, 2), [box.root, outer[1]]);
      assert.deepEqual(inner, [root, inner[1], `${root}/${inner[1]}/tmp`]);
      assert.equal(parent, `"parent":"${outer[1]}"`);
      assert.deepEqual(rest, ['0'], 'it ended well, and its root is empty afterwards');
      nothingLeft();
    });
  }

  test('lies in the outer TMPDIR where a sandbox mounted the root read-only', {
    skip: noMounts(),
  }, async (t) => {
    const { options, nothingLeft } = scene(t);
    const script = `${OUTER}; ${SANDBOX} ${INNER} sh -c ${TELL}`;
    const { code, stdout, stderr } = await run(qwRun, ['sh', '-c', script], options);
    assert.deepEqual([code, stderr], [0, '']);
    const { outer, inner, parent } = told(stdout);
    assert.deepEqual(inner, [`${outer[2]}/qw`, inner[1], `${outer[2]}/qw/${inner[1]}/tmp`]);
    assert.equal(parent, `"parent":"${outer[1]}"`);
    nothingLeft();
  });

  test('inside the outer TMPDIR a living session goes with the outer one', async (t) => {
    const here = scene(t);
    const script = `export QW_ROOT=/no/such/root; ${INNER} sh -c 'echo "$QW_ROOT"; echo "ready $$ "; exec sleep 600'`;
    const wrapper = start(qwRun, ['sh', '-c', script], here.options);
    await readyPid(wrapper.says);
    assert.match(wrapper.stdout(), /\/tmp\/qw\n/);
    kill(wrapper.pid, 'SIGTERM');
    const { signal } = await wrapper.done;
    assert.equal(signal, 'SIGTERM');
    here.nothingLeft();
  });

  test('is the one named with --root, and no other where that cannot be used', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    const other = join(box.dir, 'o');
    const script = `${OUTER}; ${INNER} --root "${other}" sh -c ${TELL}; ${INNER} --root "$PWD/no/such" true; echo $?`;
    const { code, stdout, stderr } = await run(qwRun, ['sh', '-c', script], options);
    assert.equal(code, 0, stderr);
    const { outer, inner, parent, rest } = told(stdout);
    assert.deepEqual([inner[0], parent, rest], [other, `"parent":"${outer[1]}"`, ['125']]);
    assert.match(stderr, /^qw-run: .*no\/such.*\n$/);
    nothingLeft();
  });
});

function noMounts(): string | false {
  const { status } = spawnSync('unshare', [...MOUNTS, 'mount', '--bind', '/tmp', '/tmp'], {
    stdio: 'ignore',
  });
  return status === 0 ? false : 'no mount namespace to be had (unshare)';
}
