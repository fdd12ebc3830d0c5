// An agent whose program lies on a file system that hangs is started and is not there yet: it waits in exec(2) for its own file, with
// the environment of whoever started it. When that one is killed meanwhile, the session must not go from under it.
import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReapReport } from 'qw-run';
import { start } from '../helpers/cli.js';
import { emptyTmp } from '../helpers/empty-tmp.js';
import { ends, fuseServers, noFuse } from '../helpers/hung.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { ids, killed, put } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();

test('an agent that hangs in exec keeps its session when its wrapper is killed, and starts in it', {
  skip,
}, async (t) => {
  const serve = fuseServers(t);
  const here = emptyTmp(t);
  const { dir } = here.box;
  const said = join(dir, 'said');
  const script = `#!/bin/sh\ntest -d "$TMPDIR" && echo there > ${said}.new || echo gone > ${said}.new\nmv ${said}.new ${said}\n`;
  chmodSync(put(join(dir, 'source/agent'), script), 0o755);
  const server = await serve(join(dir, 'source'), join(dir, 'far'));
  await server.hang('open');
  const wrapper = start(qwRun, ['--no-watchdog', join(dir, 'far/agent')], here.options);
  await server.hangs('open');
  const [id = ''] = ids(here.box);
  await killed(wrapper.pid);
  const { stdout } = await ends(start(qwTmp, ['reap', '--json'], here.options));
  const { removed, kept } = JSON.parse(stdout) as ReapReport;
  assert.deepEqual([removed, kept.map((one) => [one.id, one.state])], [[], [[id, 'held']]]);
  await server.goOn();
  await waitUntil('the agent ran', () => existsSync(said));
  const { stdout: after } = await ends(start(qwTmp, ['reap', '--json'], here.options));
  assert.deepEqual(
    (JSON.parse(after) as ReapReport).removed.map((one) => one.id),
    [id],
  );
});
