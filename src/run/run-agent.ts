// Runs an agent through execa in a session of its own: openSession for those who need no terminal.
import { execa, type Options, type ResultPromise } from 'execa';
import type { EndReport, Session } from '../session/session.js';
import type { OpenSessionOptions } from '../session/settings.js';
import { startIn } from '../session/start-in.js';
import { openSession } from './open-session.js';

export interface RunAgentOptions extends Omit<OpenSessionOptions, 'command' | 'env' | 'cwd' | 'signal'> {
  /** Working directory of the agent. */
  cwd?: string | undefined;
  /** Its environment before the session's variables are set. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Further options for execa: stdio, input, timeout, cancelSignal … */
  execa?: Options | undefined;
}

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
  subprocess: ResultPromise;
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
  const { cwd, env = process.env, execa: more = {}, ...sessionOptions } = options;
  const session = await openSession({ ...sessionOptions, cwd, env, command: [command, ...args] });
  const { subprocess } = await spawnIn(session, () => {
    const { file, args: all } = session.command(command, args);
    return execa(file, all, {
      ...more,
      ...(cwd === undefined ? {} : { cwd }),
      env: session.env(env),
      extendEnv: false,
      reject: false,
      cleanup: false, // the session's own exit path ends it, descendants included
    });
  });
  if (subprocess.pid !== undefined) session.adopt(subprocess.pid);
  // Its pipes may be open in what it left behind: execa waits for them, so the session ends first.
  subprocess.once('exit', () => void session.end());
  const result = finish(subprocess, session);
  const stop = () => {
    void session.end();
    return result;
  };
  return { session, subprocess, result, stop };
}

/**
 * What cannot be entered, and options that execa refuses, must not leave a session open. Wrapped: a promise
 * of its promise would wait for the agent.
 */
async function spawnIn(session: Session, spawn: () => unknown): Promise<{ subprocess: ResultPromise }> {
  try {
    return { subprocess: startIn(session.tmpdir, spawn) as ResultPromise };
  } catch (error) {
    await session.end({ keep: false });
    throw error;
  }
}

async function finish(subprocess: ResultPromise, session: Session): Promise<RunResult> {
  const outcome = await subprocess;
  const end = await session.end();
  const { exitCode, signal, stdout, stderr, failed } = outcome as {
    exitCode?: number;
    signal?: string;
    stdout: unknown;
    stderr: unknown;
    failed: boolean;
  };
  const failure = failed ? (outcome as { shortMessage?: string }).shortMessage : undefined;
  return { exitCode, signal, stdout, stderr, failure, end };
}
