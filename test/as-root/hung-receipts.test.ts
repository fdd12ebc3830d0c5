// The log of receipts on a FUSE mount: written while that answers, and no end waits for it once it does not.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { ends, fuseServers, noFuse } from '../helpers/hung.js';
import { onRequest } from '../helpers/on-request.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { preload } from '../helpers/quoted.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();

/** The state directory lies on a mount; `source` shows what is in there also while that hangs. */
async function stage(t: TestContext) {
  const serve = fuseServers(t);
  const here = scene(t);
  const source = join(here.box.dir, 'source');
  mkdirSync(source, { mode: 0o700 });
  const server = await serve(source, join(here.box.dir, 's'));
  const log = join(source, 'qw-run/log');
  const lines = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).length : 0);
  return { here, server, lines };
}

test('a qw-run: while it answers, and once it hangs', { skip }, async (t) => {
  const { here, server, lines } = await stage(t);
  assert.equal((await ends(start(qwRun, ['true'], here.options))).code, 0);
  await waitUntil('it is told', () => lines() === 1);
  const wrapper = start(qwRun, ['sh', '-c', 'echo ready; read x; exit 3'], {
    ...here.options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await wrapper.says('ready');
  for (const op of ['getattr', 'lookup', 'open', 'write']) await server.hang(op);
  wrapper.child.stdin?.end('\n');
  assert.equal((await ends(wrapper)).code, 3);
});

test('a qw-run: nobody reads the receipt in the arguments of who writes it', { skip }, async (t) => {
  const { here, lines } = await stage(t);
  const spawns = join(here.box.dir, 'spawns');
  const logging = { ...preload(fixture('log-spawns.cjs')), SPAWNS: spawns, SPAWN_ARGS: '1' };
  const options = { ...here.options, env: { ...here.options.env, ...logging } };
  assert.equal((await ends(start(qwRun, ['--label', 'Zm9v', 'true'], options))).code, 0);
  await waitUntil('it is told', () => lines() === 1);
  const writers = readFileSync(spawns, 'utf8')
    .split('\n')
    .filter((line) => /qw-watchdog\.cjs note/.test(line));
  assert.equal(writers.length, 1);
  assert.doesNotMatch(writers.join(), /Zm9v|session/);
});

test('a server: while it answers, and once it hangs', { skip }, async (t) => {
  const { here, server, lines } = await stage(t);
  const hosts = await onRequest(here);
  await hosts.ask('end');
  await waitUntil('it is told', () => lines() === 1);
  await hosts.ask('open');
  for (const op of ['getattr', 'lookup', 'open', 'write']) await server.hang(op);
  await hosts.ask('end');
  hosts.tell('exit');
  assert.equal((await ends(hosts.process)).code, 0);
});
