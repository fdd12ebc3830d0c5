// A person's place: an interactive bash in a terminal, with `qw-run` (or what stands for it in the other mode) and `node` on its PATH. The prompt shows `$?`.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { BIN, IS_EXEC } from './modes.js';
import { stateOf } from './processes.js';
import { openTerminal, type Terminal } from './pty.js';
import { parentOf, type Scene, scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface Shell extends Scene, Terminal {
  /** Types a line and Enter. */
  enters(line: string): void;
  /** Resolves when the prompt is back and says that `$?` is `status`. */
  prompts(status: number): Promise<string>;
  /** Enters a command whose agent says `ready <pid>`. */
  starts(line: string): Promise<{ agent: number; wrapper: number }>;
  /** Ends the shell; fails unless nothing is left of all that ran in it. `ours` are files expected in the cwd. */
  leaves(ours?: string[]): Promise<void>;
}

/** Opens one at its first prompt. */
export async function openShell(t: TestContext): Promise<Shell> {
  const stage = scene(t);
  const { cwd } = stage.options;
  const terminal = openTerminal(t, 'bash', ['--norc', '-i'], { cwd, env: personal(stage), cols: 200 });
  const enters = (line: string) => terminal.type(`${line}\r`);
  const prompts = (status: number) => terminal.shows(`status ${status}> `);
  const shell: Shell = {
    ...stage,
    ...terminal,
    enters,
    prompts,
    starts: async (line) => {
      enters(line);
      const said = (await terminal.shows(/ready \d+\s/)).matchAll(/ready (\d+)\s/g);
      const agent = Number([...said].at(-1)?.[1]);
      return { agent, wrapper: IS_EXEC && line.includes('qw-run') ? agent : parentOf(agent) };
    },
    leaves: async (ours) => {
      enters('exit 0');
      assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: 0 });
      await stage.nothingLeftSoon(ours);
    },
  };
  await prompts(0);
  return shell;
}

/** The scene's environment with our command on the PATH, and nothing of this machine's readline. */
export function personal({ box, options }: Scene): NodeJS.ProcessEnv {
  const bin = join(box.dir, 'bin');
  mkdirSync(bin);
  symlinkSync(BIN, join(bin, 'qw-run'));
  const inputrc = join(box.dir, 'inputrc');
  writeFileSync(inputrc, 'set enable-bracketed-paste off\nset bell-style none\n');
  const path = `${bin}:${dirname(process.execPath)}:${options.env['PATH']}`;
  const plain = { PS1: 'status $?> ', INPUTRC: inputrc, LC_ALL: 'C', NO_COLOR: '1' };
  return { ...options.env, ...plain, PATH: path };
}

/** Resolves when all of them are stopped. */
export const stopped = (...pids: number[]) =>
  waitUntil(`${pids} are stopped`, () => pids.every((pid) => stateOf(pid) === 'T'));

/** Resolves when none of them is stopped any more. */
export const goOn = (...pids: number[]) =>
  waitUntil(`${pids} go on`, () => pids.every((pid) => 'RS'.includes(stateOf(pid) ?? 'gone')));
