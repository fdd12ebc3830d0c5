// What is started in a run: the agent, or qw-run with the agent. Its exit and the end of what it said are kept.
import { spawn } from 'node:child_process';
import { qwExec, qwRun } from '../../../helpers/paths.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Mode } from '../scenario.js';
import type { Exit, Run } from './row.js';

export interface Agent {
  pid: number;
  hasEnded(): boolean;
  /** How it ended, within this time. */
  exit(timeoutMs: number): Promise<Exit>;
  said(): string;
}

/** @throws Error when it cannot be started */
export function startAgent(
  { home, work }: Run,
  [file = '', ...args]: string[],
  env: Record<string, string>,
): Agent {
  const child = spawn(file, args, {
    cwd: work,
    env: { ...BASE, HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error(`${file} cannot be started`);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
  let status: Exit | undefined;
  child.on('exit', (code, signal) => {
    status = signal ?? code ?? Number.NaN;
  });
  const hasEnded = () => status !== undefined;
  const exit = async (timeoutMs: number): Promise<Exit> => {
    await waitUntil('it ends', hasEnded, { timeoutMs }).catch(() => {});
    return status ?? 'still running';
  };
  return { pid: child.pid, hasEnded, exit, said: () => said };
}

/** What an agent is started behind. */
export const behind = (mode: Mode): string[] =>
  mode === 'qw-run' ? [process.execPath, qwRun] : mode === 'qw-exec' ? [qwExec] : [];

/** No TMPDIR, nothing of a session we may run in. A busy machine shall not make qw-run lose its patience with an agent. */
export const BASE = {
  PATH: process.env['PATH'] ?? '',
  USER: process.env['USER'] ?? 'nobody',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
  TERM: 'xterm',
  QW_GRACE: '20s',
};
