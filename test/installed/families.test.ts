// Real servers whose children show no environment of their own, or none at all: postgres writes its titles over it, Chromium's helpers
// have an emptied one. They are the session's like the server that started them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { argsOf, beside, daemonScene, missing } from '../helpers/belongs.js';
import { childrenOf } from '../helpers/cli.js';
import { agentThat, CODE, killAfter, type LeavingAgent } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const DEBIAN = '/usr/lib/postgresql';
const BINS = postgresBins();
const STAY = 'exec >/dev/null 2>&1';

const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)]);

test('postgres and its children', { skip: BINS === undefined && 'not installed: postgres' }, async (t) => {
  const here = daemonScene(t);
  const data = join(here.box.dir, 'pg');
  beside(here, `${BINS}/initdb`, ['-D', data, '-A', 'trust', '--no-sync']);
  const settings = ['listen_addresses=', 'shared_memory_type=mmap', 'dynamic_shared_memory_type=mmap'];
  const flags = settings.map((one) => `-c ${one}`).join(' ');
  const start = `sh -c 'echo "ready $$ "; ${STAY}; exec ${BINS}/postgres -D ${data} -k ${here.box.dir} ${flags}'`;
  const left = await agentThat(here, [], `(setsid ${start} &)`);
  const { pid } = left;
  const isThere = () => below(pid).some((one) => /walwriter/.test(argsOf(one)));
  await waitUntil('its children are there', isThere);
  await endsWithAll(t, here, left);
});

test('Chromium without a window and its children', { skip: missing('chromium') }, async (t) => {
  const here = daemonScene(t);
  const flags = '--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-port=0';
  const page = '--no-first-run --disable-background-networking --user-data-dir="$TMPDIR/p" about:blank';
  const start = `sh -c 'echo "ready $$ "; ${STAY}; exec chromium ${flags} ${page}'`;
  const left = await agentThat(here, [], `(setsid ${start} &)`);
  const { pid, id } = left;
  const port = join(here.box.root, id, 'tmp/p/DevToolsActivePort');
  const isThere = () => existsSync(port) && below(pid).some((one) => /--type=renderer/.test(argsOf(one)));
  await waitUntil('it shows the page', isThere);
  await endsWithAll(t, here, left);
});

/** The session's end takes it and all below it. */
async function endsWithAll(t: TestContext, here: Scene, { pid, leave }: LeavingAgent) {
  const all = [pid, ...below(pid)];
  for (const one of all) killAfter(t, one);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.deepEqual(all.filter(isAlive), [], stderr);
  here.nothingLeft();
}

/** Debian has them out of PATH. */
function postgresBins(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const dirs = [...versions.map((version) => `${DEBIAN}/${version}/bin`), '/usr/local/bin', '/usr/bin'];
  return dirs.find((dir) => existsSync(`${dir}/postgres`) && existsSync(`${dir}/initdb`));
}
