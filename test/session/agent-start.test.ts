// What an agent is started with where it hands all of that to a daemon which others use too: nothing of the session. By the imitation of
// Claude, which tells what it was given.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { fakeClaude } from '../helpers/fake-claude.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const SETTINGS = ['--settings', '{}'];

for (const [args, isOutside] of [
  [['--model', 'opus', 'agents'], true],
  [[...SETTINGS, 'agents'], true],
  [['agents'], true],
  [['--model', 'opus', 'say agents'], false],
  [[...SETTINGS, 'say agents'], false],
] as const)
  test(`claude ${args.join(' ')}: ${isOutside ? 'no TMPDIR and no hook' : 'both'} of the session`, async (t) => {
    const here = scene(t);
    const fake = fakeClaude(here, '2.1.332');
    const env = { ...fake.env, QW_TELL: 'on', TMPDIR: fake.elsewhere };
    const { stdout, stderr, code } = await run(qwRun, ['claude', ...args], { ...here.options, env });
    assert.equal(code, 0, stderr);
    const seen = JSON.parse(stdout);
    assert.equal(seen.base === fake.elsewhere, isOutside, seen.base);
    if (isOutside) assert.deepEqual(seen.args, args);
    else assert.deepEqual(Object.keys(seen.settings.hooks), ['PostToolUseFailure', 'SessionStart']);
    here.nothingLeft();
  });
