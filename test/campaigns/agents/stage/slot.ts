// Our launcher in Claude's slot, told step by step: who gets which TMPDIR.
import { existsSync } from 'node:fs';
import { isAlive, kill } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { InSlot } from '../scenario.js';
import { openSeat, plain, typed } from './seat.js';
import { isWell, managers, sessions, variable, type Working, working } from './sessions.js';
import { FREELY, PATIENCE, ROOT, type Stage } from './story.js';

export const IN_SLOT: Readonly<Record<InSlot, (stage: Stage) => Promise<void>>> = {
  stop: async (stage) => {
    const [first, second] = await two(stage);
    await stage.claude('stop', first.name);
    await gone(first);
    stage.expect('the other session is gone', isWell(second));
  },
  respawn: async (stage) => {
    const both = await two(stage);
    await stage.claude('respawn', '--all');
    for (const one of both) await gone(one);
    const listed = JSON.parse(await stage.claude('agents', '--json')) as object[];
    stage.expect(`${listed.length} sessions are listed`, listed.length === 2);
  },
  crash: async (stage) => {
    const [first, second] = await two(stage);
    const [session] = sessions().filter(({ tmpdir }) => tmpdir === first.tmpdir);
    kill(session?.pid ?? 0, 'SIGKILL');
    await gone(first);
    stage.expect('the other session is gone', isWell(second));
  },
  agents: async (stage) => {
    const seat = openSeat([stage.program, 'agents', FREELY], stage.work, stage.env);
    for (const count of [1, 2]) {
      await waitUntil('the view is there', () => plain(seat.said()).includes('describe a task'), PATIENCE);
      await typed(seat, `task ${count}`);
      await waitUntil('its command runs', () => working().length === count, PATIENCE);
    }
    ownEach(stage, working());
    kill(seat.pid, 'SIGHUP'); // its terminal is closed
    await waitUntil('the view is gone', () => !isAlive(seat.pid), PATIENCE);
    stage.expect('closing the view ended a session', working().length === 2);
  },
  update: async (stage) => {
    const first = await session(stage, 'one');
    const [host] = sessions();
    stage.update();
    const second = await session(stage, 'two', first);
    ownEach(stage, [first, second]);
    stage.expect('the session of before is gone', isWell(first) && isAlive(host?.pid ?? 0));
  },
};

/** Two sessions with a command each; nothing of them is in the daemon. */
async function two(stage: Stage): Promise<[Named, Named]> {
  const first = await session(stage, 'one');
  const second = await session(stage, 'two', first);
  ownEach(stage, [first, second]);
  return [first, second];
}

type Named = Working & { name: string };

async function session(stage: Stage, task: string, before?: Working): Promise<Named> {
  const { name } = await stage.background(task);
  const found = () => working().find(({ pid }) => pid !== before?.pid);
  await waitUntil(`the command of ${task} runs`, () => found() !== undefined, PATIENCE);
  return { ...(found() as Working), name };
}

/** Each in a TMPDIR of its own, and daemon and hosts of terminals in none. */
function ownEach(stage: Stage, all: readonly Working[]): void {
  const places = all.map(({ tmpdir }) => tmpdir);
  stage.expect(`TMPDIR ${places.join(' ')}`, new Set(places).size === all.length);
  for (const tmpdir of places) stage.expect(`TMPDIR ${tmpdir}`, tmpdir.startsWith(`${ROOT}/`));
  for (const { pid } of managers())
    for (const name of ['TMPDIR', 'QW_SESSION'])
      stage.expect(`the daemon has ${name}`, variable(pid, name) === '');
}

/** Command and TMPDIR are. */
const gone = (one: Working | undefined) =>
  waitUntil('its TMPDIR is gone', () => one && !isAlive(one.pid) && !existsSync(one.tmpdir), PATIENCE);
