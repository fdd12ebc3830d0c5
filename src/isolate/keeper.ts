// Makes a session's mount namespace and keeps it while we live: bubblewrap sets up the mounts and runs the
// keeper, a shell out of reach of the keyboard that waits for the end of a pipe from us. The agent enters
// the namespace on its own (nsenter(1)), as our own child in our terminal: signals, job control and exit
// status stay as without isolation, and no Ctrl-C hits bubblewrap in its stead. The kernel takes the mounts
// away with the last process in the namespace, whoever was killed in which order.
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { onAbort } from '../abort.js';
import { QwRunError } from '../errors.js';
import { codeOf, fs, R_OK, realPath, X_OK } from '../fs.js';
import { launch } from '../process/exec.js';
import { findTool, type Program, refusedTool, SHELL } from '../process/find-tool.js';
import { hasProcfs, identify, isAlive, type ProcessIdentity } from '../process/identity.js';
import { namespaceOf } from '../process/procfs.js';
import { quote } from '../quote.js';
import { ownUid } from '../root/trusted.js';
import { cannotIsolate } from './cannot-isolate.js';

export interface Keeper {
  /** The process inside; what it sees is at `/proc/PID/root`. */
  inside: ProcessIdentity;
  /** Path of what takes a command inside. */
  nsenter: string;
  /** The pipe whose end tells it that its owner is gone: whoever has it open too is an owner. */
  pipe: Writable;
  /** Whether it is to stay when we die: what is in memory has to be copied out yet. */
  stay(isWanted: boolean): void;
  /** It may go; resolves when it is gone. */
  dismiss(): Promise<void>;
}

/**
 * Starts one.
 * @throws QwRunError `ERR_QW_ISOLATION` with what is missing, `ERR_QW_ABORTED` when `signal` is aborted
 *   before it is there
 */
export async function startKeeper(mounts: readonly string[], signal?: AbortSignal): Promise<Keeper> {
  const [bwrap, nsenter] = [tool('bwrap'), tool('nsenter')];
  if (!hasProcfs()) throw cannotIsolate({ missing: 'procfs' });
  if (ownUid() !== 0 && (fs.statSync(bwrap).mode & S_ISUID) !== 0)
    throw cannotIsolate({ missing: 'plain bwrap' });
  const child = await begin(bwrap, [...mounts, '--', SHELL, '-c', WAIT]);
  // Not `close`: somebody else may have the pipes open.
  const gone = new Promise<void>((tell) => child.once('exit', () => tell()));
  try {
    const inside = await answer(child, signal);
    const stay = (isWanted: boolean) => void child.stdin?.write(isWanted ? 'stay\n' : 'go\n');
    const pipe = child.stdin as Writable;
    return { inside, nsenter, pipe, stay, dismiss: () => dismiss(child, inside, gone) };
  } catch (error) {
    // Not collected yet, so the group is still its own.
    if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL');
    throw error;
  } finally {
    release(child);
  }
}

const begin = (bwrap: Program, args: string[]): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const apart: SpawnOptions = { detached: true, stdio: ['pipe', 'pipe', 'pipe'] };
    const child = launch(bwrap, args, apart, (error) => reject(cannotIsolate({ error })));
    if (child) resolve(child);
  });

/** The process inside, once the mounts are made. */
function answer(child: ChildProcess, signal: AbortSignal | undefined): Promise<ProcessIdentity> {
  let forget = () => {};
  return new Promise<ProcessIdentity>((resolve, reject) => {
    const fail = (stderr: string) => reject(cannotIsolate({ stderr }));
    const timer = setTimeout(fail, ANSWER_MS, `bwrap did not answer within ${ANSWER_MS / 1_000} s`);
    const undo = onAbort(signal, reject);
    forget = () => {
      clearTimeout(timer);
      undo();
    };
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.on('close', () => fail(stderr));
    child.stdin?.on('error', () => {}); // EPIPE: somebody killed it
    child.stdout?.once('data', (line) => {
      const inside = identify(Number(line));
      if (inside) resolve(inside); // else killed already: `close` reports it
    });
  }).finally(() => forget());
}

function tool(name: 'bwrap' | 'nsenter'): Program {
  const path = process.platform === 'linux' ? findTool(name) : undefined;
  if (path === undefined) throw cannotIsolate({ missing: name, refused: refusedTool(name) });
  return path;
}

/** Why no session can be isolated here, found out by trying; undefined where it works. */
export const isolationRefusal = (): Promise<string | undefined> =>
  startKeeper(['--dev-bind', '/', '/']).then(
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
    // Gone this moment; or procfs cannot be read (out of descriptors), and the end of the pipe ends it.
  }
  child.kill('SIGKILL');
  return gone;
}

/**
 * How a command is started inside: in `cwd` as the keeper sees it, since the same path here may be another
 * directory. Short options with their value attached: what busybox's nsenter knows too.
 * @throws QwRunError `ERR_QW_ISOLATION` when `cwd` cannot be entered, or somebody killed the keeper: its pid
 *   may be anybody's by now
 */
export function enter(
  { inside, nsenter }: Keeper,
  cwd: string,
  file: string,
  args: readonly string[],
): { file: string; args: string[] } {
  if (!isAlive(inside)) throw cannotIsolate({ stderr: 'the process that kept the namespace was killed' });
  const user = isSameUserNamespace(inside.pid) ? [] : ['-U', '--preserve-credentials'];
  return {
    file: nsenter,
    args: [...user, '-m', '-t', String(inside.pid), `-w${seenFrom(inside.pid, cwd)}`, '--', file, ...args],
  };
}

/** nsenter opens it as from outside: a link with a whole path in it would lead out of the namespace. */
function seenFrom(pid: number, cwd: string): string {
  const path = `/proc/${pid}/root${realPath(cwd) ?? cwd}`;
  try {
    fs.accessSync(path, R_OK | X_OK);
    return path;
  } catch (error) {
    throw new QwRunError(
      'ERR_QW_ISOLATION',
      `no isolation here: the working directory ${quote(cwd)} cannot be opened (${codeOf(error)}); run ` +
        `it in another`,
      { path: cwd, cause: error },
    );
  }
}

/** Root needs no user namespace for this, and may not enter the one it is in (setns(2), EINVAL). */
const isSameUserNamespace = (pid: number): boolean =>
  namespaceOf(pid, 'user') === namespaceOf('self', 'user');

/**
 * What runs inside, until the pipe ends. Told to stay it stops itself then, again whenever somebody wakes it,
 * and whoever copied out what is in memory kills it. It needs no program for that: none of the user's PATH is
 * run.
 */
const WAIT = `echo $$
last=
while read -r word; do last=$word; done
[ "$last" = stay ] || exit 0
trap '' HUP INT TERM
while :; do kill -STOP $$; done`;
const S_ISUID = 0o4000;
const ANSWER_MS = 10_000; // it takes milliseconds; on a machine that is starved, seconds
