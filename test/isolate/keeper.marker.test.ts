// The marker is what proves who is inside: its agent cannot take it from itself, and a removed one still proves it.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { bareSleeping } from '../helpers/left-sleeping.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const skip = noIsolation();
const ENDED = /^qw-run: ended 1 left running: sleep \(\d+\)$/m;

for (const [mode, marker] of [
  ['tmpfs', '"$QW_ROOT/$QW_SESSION/inside"'],
  ['tmp', '/tmp/.qw-session'],
] as const)
  test(`${mode}: inside it can be neither removed nor moved`, { skip }, async (t) => {
    const here = scene(t);
    const script = `rmdir ${marker} || mv ${marker} "$TMPDIR/x" || { ${bareSleeping()}; }`;
    const { stderr } = await run(qwRun, ['--isolate', mode, 'sh', '-c', `{ ${script}; }`], here.options);
    assert.match(stderr, ENDED);
    here.nothingLeft();
  });

test('one whose own directory was removed', { skip }, async (t) => {
  const here = scene(t);
  mkdirSync(here.box.root, { mode: 0o700 });
  // The same directory, where the managed root is in sight beside the mount.
  const script = `rmdir ${join(here.box.root, '*/inside')} && { ${bareSleeping()}; }`;
  const { code, stderr } = await run(
    qwRun,
    ['--isolate', 'tmp', '--share', here.box.root, 'sh', '-c', `{ ${script}; }`],
    here.options,
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, ENDED);
  here.nothingLeft();
});
