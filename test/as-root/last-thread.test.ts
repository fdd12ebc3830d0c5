// A process that was killed has its files until its last thread is gone, and that may wait for a file system to take what was written.
// Its first thread is a zombie by then.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fuseServers, noFuse } from '../helpers/hung.js';
import { agentThat } from '../helpers/leaving-agent.js';
import { fixture } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { quoted } from '../helpers/quoted.js';
import { scene } from '../helpers/scene.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();

test('the end waits for the last thread of a process that was killed', { skip }, async (t) => {
  const serve = fuseServers(t);
  const here = scene(t);
  const far = join(here.box.dir, 'far');
  mkdirSync(join(here.box.dir, 'source'));
  const server = await serve(join(here.box.dir, 'source'), far);
  const program = `setsid python3 ${quoted(fixture('leave-with-files.py'), join(far, 'file'))} &`;
  const { leave } = await agentThat(here, [], program);
  await server.hang('flush');
  const left = leave();
  await server.hangs('flush');
  await pause(1_000); // whoever took it for gone has looked by now
  await server.goOn();
  await left;
  here.nothingLeft();
});
