// Runs an agent through execa in a session of its own: openSession for those who need no terminal.
import { setTimeout as pause } from 'node:timers/promises';
import { fs } from '../fs.js';
import { checkOptions, checkProgram, OPTIONS, type OptionNames } from '../known-options.js';
import { adoptStarted } from '../session/adopt.js';
import type { EndReport, Session } from '../session/session.js';
import { OPEN_SESSION, type OpenSessionOptions, ownCwd } from '../session/settings.js';
import { startIn } from '../session/start-in.js';
import { letGo } from './let-go.js';
import { openSession } from './open-session.js';

// An expression and not a statement: our declarations are CommonJS, execa's are not.
type Options<E extends Encoding> = import('execa', { with: { 'resolution-mode': 'import' }}).Options<E>;
type Subprocess = import('execa', { with: { 'resolution-mode': 'import' }}).ExecaChildProcess;
type Encoding = 'utf8' | 'buffer' | null;

export interface RunAgentOptions extends Omit<OpenSessionOptions, 'command' | 'env' | 'cwd' | 'signal'> {
  /** Working directory of the agent. */
  cwd?: string | undefined;
  /** Its environment before the session's variables are set. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Further options for execa: stdio, input, timeout, signal … */
  execa?: Options<Encoding> | undefined;
}

const { command: _command, signal: _signal, ...OF_SESSION } = OPEN_SESSION;
const RUN_AGENT: OptionNames<RunAgentOptions> = { ...OF_SESSION, execa: OPTIONS };

/** How an agent ended: a failing one is a result, not an exception. */
export interface RunResult {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: unknown;
  stderr: unknown;
  /** It could not be started, timed out, was cancelled or failed: execa's own words. */
  failure: string | undefined;
  /** How its session ended. */
  end: EndReport;
}

export interface AgentRun {
  session: Session;
  /** execa's subprocess: streams, pid, kill(). */
  subprocess: Subprocess;
  /** Resolves when the agent and its session have ended. */
  result: Promise<RunResult>;
  /** Ends agent and session now. */
  stop(): Promise<RunResult>;
}

/**
 * Opens a session and starts `command` in it.
 * @throws QwRunError as `openSession`
 */
export async function runAgent(
  command: string,
  args: readonly string[] = [],
  options: RunAgentOptions = {},
): Promise<AgentRun> {
  checkProgram(command, args);
  const taken = checkOptions('runAgent()', options, RUN_AGENT);
  const { cwd, env = process.env, execa: { signal, ...more } = {}, ...sessionOptions } = taken;
  const { execa } = await import('execa'); // here: a server that has no use for it starts sooner
  const session = await openSession({ ...sessionOptions, cwd, env, command: [command, ...args] });
  const deadline = deadlineIn(more.timeout);
  const { subprocess } = await spawnIn(session, () => {
    const { file, args: all } = session.command(command, args);
    deadline.begin();
    return execa(file, all, {
      ...more,
      cwd: cwd ?? more.cwd ?? (ownCwd() || REMOVED),
      env: session.env(env),
      extendEnv: false,
      reject: false,
      cleanup: false, // the session's own exit path ends it, descendants included
    } as Options<'utf8'>);
  });
  if (subprocess.pid !== undefined) adoptStarted(session, subprocess.pid);
  if (signal) cancelBy(signal, subprocess);
  // execa waits for its pipes: who is ended with the session has them open, or who never is, for good.
  subprocess.once('exit', (code, signal) => {
    deadline.stop();
    void session.end({ exit: { code, signal } }).then(() => letGo(subprocess));
  });
  const result = finish(subprocess, session, { cwd, deadline });
  const stop = () => {
    void session.end();
    return result;
  };
  return { session, subprocess, result, stop };
}

/** What cannot be entered or started leaves no session open. Wrapped: a promise would wait for the end. */
async function spawnIn(session: Session, spawn: () => Subprocess): Promise<{ subprocess: Subprocess }> {
  try {
    const subprocess = startIn(session.tmpdir, spawn);
    const { code = '' } = subprocess.pid === undefined ? await outcomeOf(subprocess) : {};
    if (code.startsWith('ERR_')) throw await outcomeOf(subprocess); // an option of a wrong type or value
    return { subprocess };
  } catch (error) {
    await session.end({ keep: false });
    throw error;
  }
}

/** Not by Node: that settles before the agent has ended, and does not know how. */
function cancelBy(signal: AbortSignal, subprocess: Subprocess): void {
  const cancel = () => subprocess.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  subprocess.once('exit', () => signal.removeEventListener('abort', cancel));
}

interface Deadline {
  timeout: number;
  isOver: boolean;
  begin(): void;
  stop(): void;
}

/**
 * When execa's `timeout` is over. Node takes that option too: where it kills first, execa sees a signal and
 * nothing else (sindresorhus/execa#726). This timer begins before theirs, so it is over no later.
 */
function deadlineIn(timeout = 0): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const over = () => {
    deadline.isOver = true;
  };
  const begin = () => {
    if (timeout > 0) timer = setTimeout(over, timeout).unref();
  };
  const deadline: Deadline = { timeout, isOver: false, begin, stop: () => clearTimeout(timer) };
  return deadline;
}

interface Outcome {
  code?: string;
  command?: string;
  exitCode?: number;
  signal?: string;
  stdout: unknown;
  stderr: unknown;
  failed: boolean;
  timedOut?: boolean;
  isCanceled?: boolean;
  shortMessage?: string;
}

/** Where spawn(2) throws, execa rejects whatever `reject` is. */
const outcomeOf = (subprocess: Subprocess): Promise<Outcome> =>
  subprocess.catch((error: unknown) => error) as Promise<Outcome>;

async function finish(
  subprocess: Subprocess,
  session: Session,
  { cwd, deadline }: { cwd: string | undefined; deadline: Deadline },
): Promise<RunResult> {
  const outcome = await outcomeOf(subprocess);
  await exitOf(subprocess, session.graceMs);
  const end = await session.end();
  const { exitCode, signal, stdout, stderr, failed } = outcome;
  const noPlace = failed && cwd !== undefined && !fs.existsSync(cwd) ? `; there is no cwd ${cwd}` : '';
  const failure = failed ? `${wordsOf(outcome, deadline)}${noPlace}` : undefined;
  return { exitCode, signal, stdout, stderr, failure, end };
}

/** execa's, which are these after a timeout that it saw. */
function wordsOf(outcome: Outcome, deadline: Deadline): string {
  const { command, signal, timedOut, isCanceled, shortMessage = '' } = outcome;
  if (!deadline.isOver || !signal || timedOut || isCanceled) return shortMessage;
  return `Command timed out after ${deadline.timeout} milliseconds: ${command}\nTimed out`;
}

/** Our working directory, also where it has no name any more; execa asks for that. */
const REMOVED = '/proc/self/cwd';

/** execa reports a timeout before the agent has ended: its grace period, so that the receipt says how. */
async function exitOf(subprocess: Subprocess, graceMs: number): Promise<void> {
  const { pid, exitCode, signalCode } = subprocess;
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  const exited = new Promise((resolve) => subprocess.once('exit', resolve));
  await Promise.race([exited, pause(graceMs, undefined, { ref: false })]);
}
