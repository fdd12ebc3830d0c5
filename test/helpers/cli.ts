// Runs the built bins as a user would: a real process, real signals, and what it printed and left.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { qwExec } from './paths.js';
import { waitUntil } from './wait-until.js';

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout contains `text`: fixtures announce `ready` before anyone signals them. */
  says(text: string | RegExp): Promise<string>;
  done: Promise<Finished>;
}

/** Starts `bin` (a `.cjs` of ours under this node, qw-exec by itself). stdio is piped unless `options` says otherwise. */
export function start(bin: string, args: string[], options: SpawnOptions): Running {
  const [file = '', ...words] = isProgram(bin) ? [bin, ...args] : [process.execPath, bin, ...args];
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  let end = '';
  const done = once(child, 'close').then(([code, signal]) => {
    end = `; it ended (${signal ?? code})`;
    return { code, signal, stdout: out, stderr: err } as Finished;
  });
  const says = async (text: string | RegExp) => {
    const hasSaid = () => (typeof text === 'string' ? out.includes(text) : text.test(out));
    const what = () =>
      `stdout says ${text}; it said ${JSON.stringify(out)}, stderr ${JSON.stringify(err)}${end}`;
    await waitUntil(what, () => {
      if (hasSaid()) return true;
      if (end) throw new Error(`in vain: ${what()}`); // nothing more comes
      return false;
    });
    return out;
  };
  return { child, pid: child.pid as number, stdout: () => out, stderr: () => err, says, done };
}

const isProgram = (bin: string): boolean => bin === qwExec || bin === '/bin/sh';

/** Runs `bin` to its end. */
export const run = (bin: string, args: string[], options: SpawnOptions): Promise<Finished> =>
  start(bin, args, options).done;

/** Direct children of a process, from procfs. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}
