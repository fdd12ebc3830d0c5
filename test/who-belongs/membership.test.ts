// Who belongs to a session: descendants of the living agent whatever their environment, sessions opened inside, and nobody
// who left the agent with another TMPDIR.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentThat, CODE, killAfter, nameOf } from '../helpers/leaving-agent.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAY = `sh -c 'echo "ready $$ "; exec sleep 600'`;

test('a child without any variable and in a session of its own is ended with a living agent', async (t) => {
  const here = scene(t);
  const { wrapper, pid } = await agentThat(here, [], `env -i setsid ${STAY} &`);
  killAfter(t, pid);
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  kill(wrapper.pid, 'SIGTERM');
  const { signal, stderr } = await wrapper.done;
  assert.equal(signal, 'SIGTERM');
  assert.ok(!isAlive(pid));
  assert.match(stderr, new RegExp(`^qw-run: [^\n]*sleep \\(${pid}\\)`));
  here.nothingLeft();
});

test('a survivor with another TMPDIR has opted out: it lives on and T is removed', async (t) => {
  const here = scene(t);
  const { pid, leave, id } = await agentThat(
    here,
    [],
    `env -u QW_SESSION TMPDIR=/tmp setsid sh -c 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1' &`,
  );
  put(join(here.box.root, id, 'tmp', 'work'));
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  const { code, stderr } = await leave();
  assert.deepEqual([code, stderr], [CODE, '']);
  assert.ok(isAlive(pid));
  assert.ok(!existsSync(join(here.box.root, id)));
  assert.deepEqual(here.box.left(), []);
  assert.deepEqual(here.processes(), [pid]);
});

test('another session that it opened inside this one, with its agent', async (t) => {
  const here = scene(t);
  const script = `setsid ${quoted(process.execPath, qwRun)} ${STAY} & echo`;
  const { leave, pid } = await agentThat(here, [], script);
  assert.equal(here.box.left().length, 2);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.match(stderr, /^qw-run: /);
  assert.ok(!isAlive(pid));
  await here.nothingLeftSoon();
});

test('a child without any variable is ended with the survivor that started it', async (t) => {
  const here = scene(t);
  const script = `setsid sh -c "env -i setsid sh -c 'echo \\"ready \\$\\$ \\"; exec sleep 600'; :" &`;
  const { pid, leave } = await agentThat(here, [], script);
  killAfter(t, pid);
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(!isAlive(pid));
  assert.match(stderr, new RegExp(`sleep \\(${pid}\\)`));
  here.nothingLeft();
});

test('a program beside the session, with the TMPDIR of another one, is left alone', async (t) => {
  const here = scene(t);
  const beside = await agentThat(here, [], `setsid ${STAY} &`);
  const { leave } = await agentThat(here, [], `setsid ${STAY} &`);
  const { code } = await leave();
  assert.equal(code, CODE);
  assert.ok(isAlive(beside.pid));
  assert.deepEqual(here.box.left(), [beside.id]);
  assert.equal((await beside.leave()).code, CODE);
  here.nothingLeft();
});
