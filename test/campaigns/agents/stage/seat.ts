// A terminal that an agent is started in.
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { type IPty, spawn } from '@lydell/node-pty';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Exit } from './row.js';

const END_MS = 60_000;
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';

export interface Seat {
  pid: number;
  said(): string;
  hasEnded(): boolean;
  type(text: string): void;
  /** Types Ctrl-C until it is gone. */
  quit(): Promise<Exit>;
}

export function openSeat([file = '', ...args]: string[], cwd: string, env: Record<string, string>): Seat {
  const pty = spawn(file, args, { cwd, env, cols: 120, rows: 40, name: 'xterm-256color' });
  let said = '';
  let exit: Exit | undefined;
  pty.onExit(({ exitCode, signal }) => {
    exit = nameOf(signal) ?? exitCode;
  });
  pty.onData((text) => {
    said = (said + text).slice(-20_000);
    answer(pty, text);
  });
  const hasEnded = () => exit !== undefined;
  const quit = async (): Promise<Exit> => {
    const hasLeft = () => said.lastIndexOf(PASTE_OFF) > said.lastIndexOf(PASTE_ON);
    const until = Date.now() + END_MS;
    while (!hasEnded() && Date.now() < until) {
      // It has given the screen back: one more would be the terminal's own, SIGINT.
      if (!hasLeft()) pty.write('\x03');
      // Claude forgets the first one within a second.
      await waitUntil('it has left', hasEnded, { timeoutMs: 600 }).catch(() => {});
      if (said.slice(-4_000).includes(QUESTION)) await choose(pty, '3');
    }
    return exit ?? 'still running';
  };
  return { pid: pty.pid, said: () => said, hasEnded, type: (text) => pty.write(text), quit };
}

/** Letter by letter: all at once is a paste, whose end of line ends nothing. What is drawn of it is no text to wait for. */
export async function typed(seat: Pick<Seat, 'type'>, text: string): Promise<void> {
  for (const letter of text) seat.type(letter);
  await pause(2_000);
  seat.type('\r');
}

const FORWARD = new RegExp(`${String.fromCharCode(27)}\\[\\d*C`, 'g');
/** What a person reads. */
export const plain = (text: string): string => stripVTControlCharacters(text.replace(FORWARD, ' '));

/** Of Codex, where its daemon runs a command: 1 cancels that, 2 leaves it to the daemon, 3 ends both. */
export const QUESTION = 'Choose what happens';

async function choose(pty: IPty, number: string): Promise<void> {
  pty.write(number);
  await pause(300);
  pty.write('\r');
  await pause(1_000);
}

const nameOf = (signal: number | undefined): Exit | undefined =>
  (Object.keys(constants.signals) as NodeJS.Signals[]).find((name) => constants.signals[name] === signal);

/** What a terminal says when it is asked where its cursor is, and what it can do. */
function answer(pty: IPty, text: string): void {
  if (text.includes('\x1b[6n')) pty.write('\x1b[1;1R');
  if (text.includes('\x1b[c')) pty.write('\x1b[?1;2c');
}
