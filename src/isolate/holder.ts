// Makes a session's mount namespace and keeps it while we live: bubblewrap sets up the mounts and runs a shell that waits
// for the end of a pipe from us. The agent is not started by bubblewrap: it enters the namespace on its own (nsenter(1)), as our own
// child in our terminal, so signals, job control and exit status stay as without isolation, and no outer process can be
// hit by a Ctrl-C in its stead. The holder sits in a session of its own, where no keyboard reaches it.
// The kernel takes the mounts away with the last process in the namespace, whoever was killed in which order.
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { attempt, fs } from '../fs.js';
import { bareEnv } from '../process/bare-env.js';
import { findTool } from '../process/find-tool.js';
import { identify, isAlive, type ProcessIdentity } from '../process/identity.js';
import { launch } from '../process/launch.js';
import { cannotIsolate, type IsolationFailure, type Tool } from './cannot-isolate.js';

export interface Holder {
  /** The process inside; what it sees is at `/proc/PID/root`. */
  inside: ProcessIdentity;
  /** Paths of what takes a command inside: the agent's own PATH may not have them. */
  tools: { nsenter: string; env: string };
  /** It may go; resolves when it is gone. */
  dismiss(): Promise<void>;
}

/**
 * Starts one.
 * @throws QwRunError `ERR_QW_ISOLATION` with what is missing
 */
export async function startHolder(mounts: readonly string[]): Promise<Holder> {
  const tools = { bwrap: tool('bwrap'), nsenter: tool('nsenter'), env: tool('env') };
  return new Promise((resolve, reject) => {
    const fail = (failure: IsolationFailure) => reject(cannotIsolate(failure));
    const args = [...mounts, '--', '/bin/sh', '-c', 'echo $$; read _'];
    const child = launch(tools.bwrap, args, apart(), (error) => fail({ error }));
    if (!child) return;
    const timer = setTimeout(() => {
      // Not collected yet, so the group is still its own.
      if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL');
      release(child);
      fail({ stderr: `bwrap did not answer within ${ANSWER_MS / 1_000} s` });
    }, ANSWER_MS);
    // Not `close`: somebody else may have the pipes open.
    const gone = new Promise<void>((tell) => child.once('exit', () => tell()));
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.on('close', () => {
      clearTimeout(timer);
      fail({ stderr });
    });
    child.stdin?.on('error', () => {}); // EPIPE: somebody killed it
    child.stdout?.once('data', (line) => {
      const inside = identify(Number(line));
      if (!inside) return; // killed already: `close` tells
      clearTimeout(timer);
      release(child);
      resolve({ inside, tools, dismiss: () => dismiss(child, inside, gone) });
    });
  });
}

/** Out of reach of the keyboard, with a pipe whose end tells it that we are gone. */
const apart = (): SpawnOptions => ({
  cwd: '/',
  detached: true,
  stdio: ['pipe', 'pipe', 'pipe'],
  env: bareEnv({ LC_ALL: 'C' }),
});

function tool(name: Tool): string {
  const path = process.platform === 'linux' ? findTool(name) : undefined;
  if (path === undefined) throw cannotIsolate({ missing: name });
  return path;
}

/** Why no session can be isolated here, found out by trying; undefined where it works. */
export const isolationRefusal = (): Promise<string | undefined> =>
  startHolder(['--dev-bind', '/', '/']).then(
    async ({ dismiss }) => void (await dismiss()),
    (error: Error) => error.message,
  );

/** It must not keep us alive. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr] as (Writable | Readable | null)[])
    (stream as unknown as { unref?(): void } | null)?.unref?.();
}

/** Killed, not asked alone: one that somebody stopped never sees the end of the pipe. */
async function dismiss(child: ChildProcess, inside: ProcessIdentity, gone: Promise<void>): Promise<void> {
  child.ref();
  child.stdin?.end();
  try {
    for (; isAlive(inside); await pause(1)) process.kill(inside.pid, 'SIGKILL');
  } catch {
    // Gone this moment; or procfs cannot be read (out of descriptors), and the pipe tells it.
  }
  child.kill('SIGKILL');
  return gone;
}

/**
 * How a command is started inside: entered, then in `cwd`, which only there means the right mount.
 * @throws QwRunError `ERR_QW_ISOLATION` when somebody killed the holder: its pid may be anybody's by now
 */
export function enter(
  { inside, tools }: Holder,
  cwd: string,
  file: string,
  args: readonly string[],
): { file: string; args: string[] } {
  if (!isAlive(inside)) throw cannotIsolate({ stderr: 'the process that kept the namespace was killed' });
  const target = ['--mount', '--target', String(inside.pid)];
  const user = isSameUserNamespace(inside.pid) ? [] : ['--user', '--preserve-credentials'];
  // env(1) takes a name with `=` for a variable, and would run the first argument: nsenter without a namespace runs what it is given.
  const plain = file.includes('=') ? [tools.nsenter, '--'] : [];
  const inCwd = [tools.env, '-C', cwd, '--', ...plain, file, ...args];
  return { file: tools.nsenter, args: [...user, ...target, '--', ...inCwd] };
}

/** Root needs no user namespace for this, and may not enter the one it is in (setns(2), EINVAL). */
function isSameUserNamespace(pid: number): boolean {
  const namespaceOf = (who: number | 'self') => attempt(() => fs.readlinkSync(`/proc/${who}/ns/user`));
  return namespaceOf(pid) === namespaceOf('self');
}

const ANSWER_MS = 10_000; // it takes milliseconds; on a machine that is starved, seconds
