// The one door to other programs. Ours are found where only root can write (find-tool.ts) and get an
// environment made here: no PATH of the user, nothing that makes a loader, a shell or node load what an agent
// wrote, and no TMPDIR of a session, whose members they would be. The user's own programs are the exceptions:
// the agent, also through nsenter (`launchAgent`; `runAgent` starts it through execa), the shell of
// `qw-tmp shell` (`launchShell`), and the `--version` of an agent about to be run (`askAgent`).
import type { ChildProcess, SpawnOptions, SpawnSyncOptions, SpawnSyncReturns } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute } from 'node:path';
import { wantedStateDir } from '../root/state.js';
import { type Program, SYSTEM_DIRS } from './find-tool.js';

/** Loaded by the first start: with what it needs, it takes a quarter of the memory of the whole library. */
const childProcess = (): typeof import('node:child_process') =>
  createRequire(process.execPath)('node:child_process');

/** `more` on top of what a start needs, what the user wants of worktrees and log, and where we keep notes. */
export function cleanEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: SYSTEM_DIRS.join(delimiter), LC_ALL: 'C', ...AS_NODE, ...pick(KEPT), ...state(), ...more };
}

/** Starts a program of ours, in `/`, with `cleanEnv` and `options.env` on top. Fails as `begin` says. */
export const launch = (
  program: Program,
  args: readonly string[],
  { env, ...options }: SpawnOptions,
  fail: (error: Error) => void = () => {},
): ChildProcess | undefined => begin(program, args, { cwd: '/', ...options, env: cleanEnv(env) }, fail);

/** Starts one that outlives us: nobody hears of a failure. `input`, for stdin, is less than a pipe holds. */
export function runDetached(program: Program, args: readonly string[], input?: string): void {
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = launch(program, args, { detached: true, stdio: [stdin, 'ignore', 'ignore'] });
  child?.unref();
  child?.stdin?.on('error', () => {}).end(input); // EPIPE: it is gone already
}

/** Runs a program of ours to its end, which is near. `stdin`: a terminal that it is about. */
export const askNow = (
  program: Program,
  args: readonly string[],
  { env, stdin = 'ignore' }: { env?: NodeJS.ProcessEnv; stdin?: number | 'ignore' } = {},
): SpawnSyncReturns<string> => ask(program, args, { env: cleanEnv(env), stdio: [stdin, 'pipe', 'ignore'] });

/** Starts the agent, in the environment that `options` says: the user's, with the session's variables. */
export const launchAgent = begin;

/** Becomes a launcher of ours, in the environment of the agent it is for. Comes back with why that failed. */
export function becomeLauncher(launcher: string, args: readonly string[]): string {
  type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void;
  const { execve } = process as { execve?: Execve };
  if (!execve) return `${process.version} of Node cannot become another program`;
  try {
    execve.call(process, launcher, [launcher, ...args], process.env);
  } catch (error) {
    return (error as Error).message;
  }
  return 'it came back';
}

/** Starts the user's shell for the user, as a terminal would. */
export const launchShell = begin;

/** What an agent says of itself. Nothing of a session is in its environment: it writes nothing into one. */
export const askAgent = (path: string, args: readonly string[]): SpawnSyncReturns<string> =>
  ask(path, args, { env: pick(USERS), timeout: ASK_MS, killSignal: 'SIGKILL', maxBuffer: 4_096 });

const ask = (file: string, args: readonly string[], options: SpawnSyncOptions): SpawnSyncReturns<string> =>
  childProcess().spawnSync(file, args, { cwd: '/', stdio: HEARD, ...options, encoding: 'utf8' });
const HEARD: SpawnSyncOptions['stdio'] = ['ignore', 'pipe', 'ignore'];

/**
 * The child that runs. Node emits some errors of spawn(2), throws others (E2BIG, EIO), and out of descriptors
 * hands over a child without streams; here each is one call of `fail`, and no child.
 */
function begin(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  fail: (error: Error) => void,
): ChildProcess | undefined {
  try {
    const child = childProcess().spawn(file, args, options);
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

/** Also where it comes from HOME, which is not passed on. */
function state(): NodeJS.ProcessEnv {
  const dir = dirname(wantedStateDir(process.env));
  return isAbsolute(dir) ? { XDG_STATE_HOME: dir } : {};
}

/** In Electron node is the app: without this it would be started again. */
const AS_NODE = process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {};
const KEPT = ['SystemRoot', 'QW_WORKTREES', 'QW_LOG'];
const USERS = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot'];
const ASK_MS = 2_000;
