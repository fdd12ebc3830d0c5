// Ctrl-C in a terminal while the agent's command runs: the agent stays, and runs the next one. (Codex lets the
// command go on as a background terminal, all others end it.)
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { others } from './processes.js';
import { QUESTION, type Seat, typed } from './seat.js';

const PATIENCE = { timeoutMs: 60_000 };
/** What shows a command takes a key a moment later; what quits does so a moment later. */
const SETTLE_MS = 3_000;

/** What did not happen. */
export async function interrupt(seat: Seat): Promise<string[]> {
  await pause(SETTLE_MS);
  const [first = 0] = commands();
  seat.type('\x03');
  const isOver = () => !isAlive(first) || seat.hasEnded();
  await waitUntil('Ctrl-C ends its command', isOver, { timeoutMs: SETTLE_MS }).catch(() => {});
  if (seat.said().includes(QUESTION)) seat.type('\r'); // the first choice
  try {
    await pause(SETTLE_MS);
    if (seat.hasEnded()) return ['Ctrl-C ended it'];
    await typed(seat, 'go on');
    await waitUntil('its next command runs', () => commands().some((pid) => pid !== first), PATIENCE);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

const commands = (): number[] =>
  others()
    .filter(({ name }) => name === 'command')
    .map(({ pid }) => pid);
