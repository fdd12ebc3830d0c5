// The one error class. A message says what happened, to which path or value, and what to do next.

export type QwRunErrorCode =
  /** An invalid command line or option. */
  | 'ERR_QW_USAGE'
  /** The managed root, or something above it, could be changed by somebody else. */
  | 'ERR_QW_ROOT_UNSAFE'
  /** The directory was not made by us and is not empty: nothing in it is touched. */
  | 'ERR_QW_ROOT_NOT_OURS'
  /** Sockets in a TMPDIR below this root would not fit into the 108 bytes of `sun_path`. */
  | 'ERR_QW_ROOT_TOO_LONG'
  /** The managed root cannot be made or written. */
  | 'ERR_QW_ROOT_UNUSABLE'
  /** The file system of the root is full, or the user's quota there is used up: proven by a write. */
  | 'ERR_QW_NO_SPACE'
  /** No candidate for the managed root can be used. */
  | 'ERR_QW_NO_ROOT'
  /** Isolation was asked for and cannot be had here; never silently weaker. */
  | 'ERR_QW_ISOLATION'
  /** `signal` was aborted before the session was open. */
  | 'ERR_QW_ABORTED'
  /** The session has ended or is ending. */
  | 'ERR_QW_SESSION_ENDED'
  /** No process with this pid, or none that can belong to a session. */
  | 'ERR_QW_NO_PROCESS'
  /** The helper process that works for a server died, hangs, or cannot be started. */
  | 'ERR_QW_HELPER';

/** Undefined where it fails, whatever the reason: for steps after which it has to go on in any case. */
export function unlessItFails<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** What qw-run throws: `code` to decide by, `path` where there is one, `cause` with the system's error. */
export class QwRunError extends Error {
  override readonly name = 'QwRunError';
  readonly code: QwRunErrorCode;
  readonly path?: string;

  constructor(
    code: QwRunErrorCode,
    message: string,
    { path, cause }: { path?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    if (path !== undefined) this.path = path;
  }
}

/**
 * In a report: what could not be removed, or looked at. `hint` is empty where nothing has to be done: the
 * next pass of a reaper tries again.
 */
export interface Failure {
  path: string;
  reason: string;
  hint: string;
}

/** What is thrown for an invalid command line or option. */
export const misuse = (message: string): QwRunError => new QwRunError('ERR_QW_USAGE', message);

export const isRefusal = (error: unknown, code: QwRunErrorCode): error is QwRunError =>
  error instanceof QwRunError && error.code === code;

/** What `look` gives, or the QwRunError it throws: for looks whose refusal is an answer. */
export function orRefusal<T>(look: () => T): T | QwRunError {
  try {
    return look();
  } catch (error) {
    if (error instanceof QwRunError) return error;
    throw error;
  }
}
