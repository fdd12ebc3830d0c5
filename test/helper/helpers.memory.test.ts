// A helper that wants more memory than it may dies alone, and its server says why.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createHelpers } from '#src/helper/helpers.js';
import { resolveList } from '#src/reap/list-sessions.js';
import { repoRoot } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const file = join(repoRoot, 'dist/bin/qw-helper.cjs');

test('one that takes too much is told as such, and the next request goes to another', async (t) => {
  const here = scene(t);
  const helpers = createHelpers({ file, memoryMiB: 32 });
  const request = resolveList({ env: here.box.env });
  const ask = (more: object) => helpers.ask('list', { ...request, ...more }, { deadlineMs: 60_000 });
  // Few bytes on the way, ten times as many once it was read.
  const large = Array.from({ length: 3_000_000 }, () => []);
  await assert.rejects(ask({ large }), { code: 'ERR_QW_HELPER', message: /ended .*more memory than it may/ });
  await assert.rejects(ask({ root: here.box.cwd }), { code: 'ERR_QW_ROOT_UNSAFE' });
});
