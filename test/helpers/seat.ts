// The same program in two places: without any terminal, leader of its own session and group, or as the only program of
// a new terminal, as a server's pty spawner starts it. One face for both, so that tables can run over them.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { TestContext } from 'node:test';
import { openTerminal } from './pty.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface Seated {
  /** Also the id of its process group. */
  pid: number;
  output(): string;
  says(text: RegExp): Promise<string>;
  end: Promise<Ending>;
}

/** How a process ended, as its parent saw it: with a code or by a signal. */
export type Ending = number | NodeJS.Signals;

export type Seat = (t: TestContext, scene: Scene, command: string[]) => Seated;

export const withoutTerminal: Seat = (_t, { options }, [file = '', ...args]) => {
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const end = new Promise<Ending>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? code ?? Number.NaN));
  });
  return { pid: child.pid as number, end, ...heard(() => output) };
};

export const inTerminal: Seat = (t, { options }, [file = '', ...args]) => {
  const terminal = openTerminal(t, file, args, options);
  const end = terminal.exit.then(({ exitCode, signal }) => (signal ? signalName(signal) : exitCode));
  return { pid: terminal.pid, end, ...heard(terminal.screen) };
};

const heard = (output: () => string) => ({
  output,
  says: async (text: RegExp) => {
    await waitUntil(`${text}`, () => text.test(output())).catch((error: Error) => {
      throw new Error(`${error.message}; it said ${JSON.stringify(output())}`);
    });
    return output();
  },
});

const signalName = (number: number): NodeJS.Signals =>
  (Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? 'none') as NodeJS.Signals;
