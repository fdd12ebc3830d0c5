// A terminal of Claude that starts itself anew in place (`/tui`): the same process, and the same TMPDIR before and
// after. One without us gets a session of its own by the launcher in its slot, and keeps that the next time.
import { existsSync, readlinkSync } from 'node:fs';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Mode } from '../scenario.js';
import { behind } from './agent.js';
import { read } from './files.js';
import { interrupted, nextCommand } from './hand-over.js';
import { openSeat, type Seat, typed } from './seat.js';
import { variable } from './sessions.js';
import { FREELY, PATIENCE, ROOT, type Stage } from './story.js';

export async function relaunch(stage: Stage, mode: Mode): Promise<void> {
  const next = nextCommand();
  const seat = openSeat([...behind(mode), stage.program, FREELY, 'hi'], stage.work, stage.env);
  const seen = [seenOf(await next('its command'))];
  for (const screen of ['classic', 'fullscreen']) {
    await startedAnew(seat, seen.at(-1) as Seen, screen);
    await typed(seat, 'go on');
    seen.push(seenOf(await next('its next command')));
  }
  const agents = new Set(seen.map(({ agent }) => agent));
  stage.expect(`processes ${[...agents].join(' ')}`, agents.size === 1);
  const [first = '', ...later] = seen.map(({ tmpdir }) => tmpdir);
  const all = mode === 'slot' ? later : [first, ...later];
  if (mode === 'slot') stage.expect(`TMPDIR ${first} before`, first === '');
  stage.expect(`TMPDIR ${all.join(' ')}`, new Set(all).size === 1 && all[0]?.startsWith(`${ROOT}/`) === true);
  const exit = await seat.quit();
  stage.expect(`exit ${exit}`, exit === 0);
  stage.expect('it tells to type what is gone', !seat.said().includes('--settings'));
  await waitUntil('its TMPDIR is gone', () => !existsSync(all[0] ?? ''), PATIENCE);
}

/** Of a command that runs. */
interface Seen {
  pid: number;
  tmpdir: string;
  agent: string;
}

const seenOf = (pid: number): Seen => ({
  pid,
  tmpdir: variable(pid, 'TMPDIR'),
  agent: variable(pid, 'CLAUDE_PID'),
});

async function startedAnew(seat: Seat, { pid, agent }: Seen, screen: string): Promise<void> {
  const program = () => readlinkSync(`/proc/${agent}/exe`);
  const words = () => read(`/proc/${agent}/cmdline`);
  const before = { program: program(), words: words() };
  await interrupted(seat, pid);
  await typed(seat, `/tui ${screen}`);
  const isAnew = () => program() === before.program && words() !== before.words;
  await waitUntil('it is started anew', isAnew, PATIENCE);
  await quiet(seat);
}

/** It has drawn its screen, and waits. */
async function quiet(seat: Seat): Promise<void> {
  let last = { said: '', at: 0 };
  const isQuiet = () => {
    if (seat.said() !== last.said) last = { said: seat.said(), at: Date.now() };
    return Date.now() - last.at > QUIET_MS;
  };
  await waitUntil('it waits', isQuiet, PATIENCE);
}

const QUIET_MS = 5_000;
