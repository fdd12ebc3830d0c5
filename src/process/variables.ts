// The few variables of a process that decide something, out of its environment at its exec
// (proc_pid_environ(5)).

export interface Variables {
  tmpdir?: string | undefined;
  /** QW_SESSION: the id of the session that it was started in. */
  sessionId?: string | undefined;
  /** Number of the X display, where it is one of this machine's. */
  display?: string | undefined;
  /** CLAUDE_PID: Claude tells its commands which process of it they serve. */
  claudePid?: number | undefined;
  /** It has PATH and HOME: nobody emptied, cut off or overwrote it, so what is missing was left out. */
  isWhole: boolean;
}

/** Pure. `environ` is NUL-separated; undefined where it could not be read. */
export function variablesIn(environ: string | undefined): Variables | undefined {
  if (environ === undefined) return undefined;
  const claudePid = Number(variable(environ, 'CLAUDE_PID'));
  return {
    tmpdir: variable(environ, 'TMPDIR'),
    sessionId: variable(environ, 'QW_SESSION'),
    display: displayNumber(variable(environ, 'DISPLAY') ?? ''),
    claudePid: claudePid > 0 ? claudePid : undefined,
    isWhole: Boolean(variable(environ, 'PATH')) && Boolean(variable(environ, 'HOME')),
  };
}

/** `:97`, `:97.0`, `unix:97`, `localhost:97`: an X server of this machine (X(7), "Display names"). */
export const displayNumber = (display: string): string | undefined =>
  /^(?:unix|localhost|unix\/[^:]*)?:(\d+)(?:\.\d+)?$/.exec(display)?.[1];

/** Value of a variable in a NUL-separated environment; the first one counts, as getenv(3) has it. */
export function variable(environ: string, name: string): string | undefined {
  const isFirst = environ.startsWith(`${name}=`);
  const at = isFirst ? 0 : environ.indexOf(`\0${name}=`) + 1;
  if (at === 0 && !isFirst) return undefined;
  const end = environ.indexOf('\0', at);
  return environ.slice(at + name.length + 1, end < 0 ? undefined : end);
}
