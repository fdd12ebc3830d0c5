// An agent whose working directory lies on a FUSE mount that does not answer: it waits there, but no server does that opens a session
// for it and asks how to start it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from '../helpers/cli.js';
import { ends, fuseServers, noFuse } from '../helpers/hung.js';
import { repoRoot } from '../helpers/paths.js';
import { inPrivateMounts, mountScene } from '../helpers/private-mounts.js';
import { put } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();

const SERVER = `const { openSession, profile } = require('qw-run');
  (async () => {
    const [cwd] = process.argv.slice(1);
    for (const agent of ['claude', 'gemini']) {
      const session = await openSession({ command: [agent], cwd });
      session.command(agent, ['-p']);
      session.env();
      const { warnings } = profile({ command: agent, tmpdir: '/tmp', cwd });
      console.log(JSON.stringify([agent, (await session.end()).state, session.warnings, warnings]));
    }
  })();`;

for (const op of ['getattr', 'lookup', 'opendir'] as const)
  test(`its mount hangs at ${op}`, { skip }, async (t) => {
    const serve = fuseServers(t);
    const here = mountScene(t);
    const { dir } = here.box;
    for (const agent of ['claude', 'gemini']) put(join(dir, `source/work/.${agent}/settings.json`), '{}');
    const far = await serve(join(dir, 'source'), join(dir, 'far'));
    await far.hang(op);
    const cwd = join(dir, 'far/work');
    const options = { ...here.options, cwd: repoRoot };
    const { code, stdout, stderr } = await ends(start('-e', [SERVER, cwd], options));
    assert.deepEqual([code, stderr], [0, '']);
    for (const line of stdout.trimEnd().split('\n')) {
      const [agent, state, ...all] = JSON.parse(line);
      assert.equal(state, 'removed');
      const why = `cannot read ${cwd}/.${agent}/settings.json (it lies on ${far.point} (fuse.hung), which does not`;
      for (const warnings of all)
        assert.ok(
          warnings.some((one: string) => one.startsWith(why)),
          line,
        );
    }
  });
