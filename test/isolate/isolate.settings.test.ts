// An agent whose user's settings lead past TMPDIR gets a settings file, which it must be able to read inside, and which names
// TMPDIR as it is called there.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const skip = noIsolation();

for (const flags of [['tmpfs'], ['tmp'], ['tmp', '--size', '4M']])
  test(flags.join(' '), { skip }, async (t) => {
    const here = scene(t);
    const settings = join(here.box.dir, 'home/.claude');
    mkdirSync(settings);
    writeFileSync(join(settings, 'settings.json'), '{"env":{"TMPDIR":"/elsewhere"}}');
    const claude = join(here.box.cwd, 'claude');
    writeFileSync(claude, '#!/bin/sh\necho "$TMPDIR"\ncat "$(echo "$1" | cut -d= -f2)"\n', { mode: 0o755 });
    const { code, stdout, stderr } = await run(qwRun, ['--isolate', ...flags, claude], here.options);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const [tmpdir, ...rest] = stdout.split('\n');
    assert.deepEqual(JSON.parse(rest.join('\n')), { env: { TMPDIR: tmpdir, CLAUDE_CODE_TMPDIR: '' } });
    here.nothingLeft(['claude']);
  });
