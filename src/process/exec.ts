// The one door to other programs. Ours are found where only root can write (find-tool.ts) and get an
// environment made here: no PATH of the user, nothing that makes a loader, a shell or node load what an agent
// wrote, and no TMPDIR of a session, whose members they would be. Exceptions, the user's own programs:
// - the agent (`launchAgent`; `runAgent` starts it through execa): it is what the user wants to run;
// - that agent's `--version` (`askAgent`): it is about to be run, and may need the user's PATH.
// What enters a namespace for the agent (nsenter) is found as ours are, and becomes the agent: it has the
// agent's environment.
import {
  type ChildProcess,
  type SpawnOptions,
  type SpawnSyncReturns,
  spawn,
  spawnSync,
} from 'node:child_process';
import { delimiter } from 'node:path';
import { type Program, SYSTEM_DIRS } from './find-tool.js';

/** `more` on top of what is needed to start, and of what the user wants of worktrees. */
function cleanEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: SYSTEM_DIRS.join(delimiter), LC_ALL: 'C', ...AS_NODE, ...pick(KEPT), ...more };
}

/**
 * Starts a program of ours, in `/` and with `cleanEnv`; `options.env` on top. The child that runs; undefined
 * when it could not be started, and then `fail` is called once with the system's error.
 */
export const launch = (
  program: Program,
  args: readonly string[],
  { env, ...options }: SpawnOptions,
  fail: (error: Error) => void = () => {},
): ChildProcess | undefined => begin(program, args, { cwd: '/', ...options, env: cleanEnv(env) }, fail);

/** Starts one that outlives us, for the moment of our own exit: nobody is left to hear of a failure. */
export const runDetached = (program: Program, args: readonly string[]): void =>
  launch(program, args, { detached: true, stdio: 'ignore' })?.unref();

/** Runs a program of ours to its end, which is near. `stdin`: a terminal that it is about. */
export const askNow = (
  program: Program,
  args: readonly string[],
  { env, stdin = 'ignore' }: { env?: NodeJS.ProcessEnv; stdin?: number | 'ignore' } = {},
): SpawnSyncReturns<string> =>
  spawnSync(program, args, {
    cwd: '/',
    encoding: 'utf8',
    env: cleanEnv(env),
    stdio: [stdin, 'pipe', 'ignore'],
  });

/** Starts the agent, in the environment that `options` says: the user's, with the session's variables. */
export const launchAgent = begin;

/** What an agent says of itself. Nothing of a session is in its environment: it writes nothing into one. */
export const askAgent = (path: string, args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(path, args, {
    cwd: '/',
    encoding: 'utf8',
    env: pick(USERS),
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: ASK_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 4_096,
  });

/**
 * In the one way that cannot bring us down. Node emits some errors of spawn(2), throws others (E2BIG, EIO),
 * and out of descriptors hands over a child without streams; here each of them is one call of `fail`, and no
 * child.
 */
function begin(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  fail: (error: Error) => void,
): ChildProcess | undefined {
  try {
    const child = spawn(file, args, options);
    const isStarted = child.pid !== undefined;
    // Later ones are signals that could not be sent: the child goes on.
    child.on('error', (error) => isStarted || fail(error));
    return isStarted ? child : undefined;
  } catch (error) {
    fail(error as Error);
    return undefined;
  }
}

const pick = (names: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

/** In Electron node is the app: without this it would be started again. */
const AS_NODE = process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {};
const KEPT = ['SystemRoot', 'QW_WORKTREES'];
const USERS = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot'];
const ASK_MS = 2_000;
