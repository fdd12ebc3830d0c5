// node-pty leaves the masters of earlier terminals open in later children. After `kill -9` of the server
// their agents get no hangup from the kernel: the watchdog ends them, unless somebody may have such a
// terminal for good.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { qwRun } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { killed } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { startServer, type Tab } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'echo "ready $$ "; exec sleep 600';
/** As nohup does. */
const STAYS = `trap "" HUP; ${AGENT}`;

const ready = async (tab: Tab): Promise<Tab> => {
  await tab.says(/ready (\d+) /);
  return tab;
};

describe('kill -9 of a server with node-pty', { concurrency: 2 }, () => {
  test('agents whose terminals were leaked end without waiting for a later one that stays', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const first = await ready(await server.open(AGENT));
    const second = await ready(await server.open(`setsid sleep 601 & ${AGENT}`));
    // With a session and a watchdog of its own.
    const wrapped = `exec ${quoted(process.execPath, qwRun, 'sh', '-c', AGENT)}`;
    const third = await server.open(wrapped);
    const inner = Number((await third.says(/ready (\d+) /))[1]);
    const stays = await ready(await server.open(STAYS));
    await killed(server.process.pid);
    await waitUntil('the others are gone', () => here.box.left().length === 1);
    assert.deepEqual([first.pid, second.pid, third.pid, inner, stays.pid].map(isAlive), [
      false,
      false,
      false,
      false,
      true,
    ]);
    assert.deepEqual(here.box.left(), [stays.id]);
    await killed(stays.pid);
    await here.nothingLeftSoon();
  });

  test('an agent that ignores the hangup is left alone, leaked or not', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const [first, last] = [await ready(await server.open(STAYS)), await ready(await server.open(STAYS))];
    const gone = await ready(await server.open(AGENT)); // the kernel hangs it up
    await killed(server.process.pid);
    await waitUntil('the watchdog was here', () => !here.box.left().some((name) => name.includes(gone.id)));
    assert.deepEqual(
      [first, last].map(({ pid }) => isAlive(pid)),
      [true, true],
    );
    assert.deepEqual(here.box.left(), [first.id, last.id].sort());
  });

  test('while somebody who is of no session has the terminal, its agent is left alone', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const first = await ready(await server.open(AGENT));
    const child = await server.child();
    const gone = await ready(await server.open(AGENT));
    await killed(server.process.pid);
    await waitUntil('the watchdog was here', () => !here.box.left().some((name) => name.includes(gone.id)));
    assert.deepEqual([isAlive(first.pid), here.box.left()], [true, [first.id]]);
    await killed(child); // the last one: the kernel hangs up
    await here.nothingLeftSoon();
  });
});
