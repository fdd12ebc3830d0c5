// A real pseudo-terminal: types, reads the screen's bytes, resizes. Tests fail with what the terminal showed.
import type { TestContext } from 'node:test';
import { type IPty, spawn } from '@lydell/node-pty';
import { waitUntil } from './wait-until.js';

export interface Terminal {
  pty: IPty;
  pid: number;
  /** All bytes shown so far. */
  screen(): string;
  /** Resolves when the bytes after the last `shows` match contain `text`. */
  shows(text: string | RegExp): Promise<string>;
  type(text: string): void;
  exit: Promise<Ending>;
  /** The same, to be soon: fails with what it showed. A shell, say, may have a reason not to exit. */
  ends(): Promise<Ending>;
}

interface Ending {
  exitCode: number;
  signal: number;
}

export function openTerminal(
  t: TestContext,
  file: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; cwd: string; cols?: number; rows?: number },
): Terminal {
  const env = { ...options.env, TERM: 'xterm' } as Record<string, string>;
  const pty = spawn(file, args, { cols: 80, rows: 24, name: 'xterm', ...options, env });
  let all = '';
  let seen = 0;
  let ending: Ending | undefined;
  pty.onData((data) => {
    all += data;
  });
  const exit = new Promise<Ending>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      ending = { exitCode, signal: signal ?? 0 };
      resolve(ending);
    });
  });
  t.after(() => {
    if (!ending) pty.kill('SIGKILL');
  });
  const orSay = (error: Error) => {
    throw new Error(`${error.message}; it showed ${JSON.stringify(all)}`);
  };
  const find = (text: string | RegExp) => {
    const rest = all.slice(seen);
    const match =
      typeof text === 'string'
        ? rest.includes(text)
          ? { index: rest.indexOf(text), length: text.length }
          : null
        : toSpan(text.exec(rest));
    if (match) seen += match.index + match.length;
    return match !== null;
  };
  return {
    pty,
    pid: pty.pid,
    screen: () => all,
    shows: async (text) => {
      await waitUntil(`terminal shows ${text}`, () => find(text)).catch(orSay);
      return all;
    },
    type: (text) => pty.write(text),
    exit,
    ends: () => waitUntil('what runs in the terminal has ended', () => ending).catch(orSay),
  };
}

const toSpan = (match: RegExpExecArray | null) => match && { index: match.index, length: match[0].length };
