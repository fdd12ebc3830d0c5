// What every process test begins and ends with: a marked sandbox to run in, and nothing left of it afterwards.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { IS_EXEC } from './modes.js';
import { kill, marked, marker } from './processes.js';
import { type Sandbox, sandbox } from './sandbox.js';
import { waitUntil } from './wait-until.js';

export interface Scene {
  box: Sandbox;
  /** For `spawn`: the sandbox's working directory, its environment, and a mark that all processes inherit. */
  options: { cwd: string; env: NodeJS.ProcessEnv };
  /** Pids of all that were started here and still live. */
  processes(): number[];
  /** Fails unless no process, no session and no file (a core, say) is left. `ours` are files expected in the cwd. */
  nothingLeft(ours?: string[]): void;
  /** The same for whoever ran us to the end, in both modes: attached at once, exec once the watchdog has done its work. */
  nothingLeftAfterwards(ours?: string[]): Promise<void>;
  /** The same once the watchdog has done its work. */
  nothingLeftSoon(ours?: string[]): Promise<void>;
}

export function scene(t: TestContext): Scene {
  const mark = marker(t);
  const box = sandbox(t);
  const processes = () => marked(mark.text);
  const left = () => ({ processes: processes(), sessions: box.left(), files: readdirSync(box.cwd).sort() });
  const nothing = (ours: string[]) => ({ processes: [], sessions: [], files: ours });
  const nothingLeft = (ours: string[] = []) => assert.deepEqual(left(), nothing(ours));
  const nothingLeftSoon = (ours: string[] = []) =>
    // All processes are looked at last: that takes long, and sessions of this process go on meanwhile.
    waitUntil('nothing is left', () => box.left().length === 0 && isEqual(left(), nothing(ours))).then(
      () => {},
      () => nothingLeft(ours),
    );
  return {
    box,
    options: { cwd: box.cwd, env: { ...box.env, [mark.name]: mark.value } },
    processes,
    nothingLeft,
    nothingLeftAfterwards: async (ours) => (IS_EXEC ? nothingLeftSoon(ours) : nothingLeft(ours)),
    nothingLeftSoon,
  };
}

/** The pid that a fixture announced: `ready 4711`. */
export const readyPid = async (says: (text: RegExp) => Promise<string>): Promise<number> =>
  Number(/ready (\d+)\s/.exec(await says(/ready \d+\s/))?.[1]);

/** Who started this process. */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Sends one signal to several processes, or process groups when negative, one after the other. */
export const killAll = (signal: NodeJS.Signals, ...pids: number[]): void => {
  for (const pid of pids) kill(pid, signal);
};

function isEqual(actual: unknown, expected: unknown): boolean {
  return JSON.stringify(actual) === JSON.stringify(expected);
}
