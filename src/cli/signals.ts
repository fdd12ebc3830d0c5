// Signals to the wrapper, from before the session exists until the end: forwarded once, SIGKILL after the
// grace period, at once on the second. Handlers stay until we exit, so that a signal during the clean-up does
// not cut it short.
import type { ChildProcess } from 'node:child_process';
import type { Session } from '../session/session.js';
import { isForeground } from '../terminal/job-control.js';

export interface Signals {
  /** The signal that began the end, once one did. */
  hasBegun(): EndingSignal | null;
  /** Aborted by the first ending signal. */
  begun: AbortSignal;
  /** Aborted by a second one. */
  hurry: AbortSignal;
  /** Forwards to this child from now on; gives the undo. */
  attach(child: ChildProcess, session: Session): () => void;
}

/** Installs the handlers. */
export function watchSignals(): Signals {
  const judge = endingSignals();
  const begin = new AbortController();
  const hurry = new AbortController();
  let begun: EndingSignal | null = null;
  let wasStarted = false;
  let target: { child: ChildProcess; session: Session; timer?: NodeJS.Timeout } | undefined;

  const forward = (signal: EndingSignal) => {
    if (!target) return;
    const { child, session } = target;
    session.beginEnd();
    child.kill(signal);
    child.kill('SIGCONT'); // a stopped process does not act on the signal
    target.timer = setTimeout(() => child.kill('SIGKILL'), session.graceMs);
  };
  for (const signal of ENDING_SIGNALS) {
    process.on(signal, () => {
      // Ctrl-C before there is an agent ends us as it would have ended the command; later the terminal gives
      // it to both.
      const hasReachedAgent = wasStarted && isForeground();
      const meaning = judge(signal, { nowMs: performance.now(), hasReachedAgent });
      if (meaning === 'begin') {
        begun = signal;
        begin.abort();
        forward(signal);
      } else if (meaning === 'escalate') {
        hurry.abort();
        target?.child.kill('SIGKILL');
      }
    });
  }
  for (const signal of PASSED_ON) process.on(signal, () => void target?.child.kill(signal));
  return {
    hasBegun: () => begun,
    begun: begin.signal,
    hurry: hurry.signal,
    attach(child, session) {
      target = { child, session };
      wasStarted = true;
      if (begun) forward(begun); // it came while the child was being started
      return () => {
        clearTimeout(target?.timer);
        target = undefined;
      };
    },
  };
}

/** They mean something to some agents, and nothing to us. */
const PASSED_ON = ['SIGUSR1', 'SIGUSR2'] as const;

export const ENDING_SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

type Judge = (signal: EndingSignal, at: { nowMs: number; hasReachedAgent: boolean }) => Meaning;
type Meaning = 'begin' | 'escalate' | 'nothing';

/** What a signal to the wrapper means. Pure: time and facts come in. */
export function endingSignals(): Judge {
  let last: { signal: EndingSignal; atMs: number } | undefined;
  return (signal, { nowMs, hasReachedAgent }) => {
    // The terminal sent it to the whole group: forwarding would make it two, which means "quit" (uv#11009).
    if (hasReachedAgent && (signal === 'SIGINT' || signal === 'SIGQUIT')) return 'nothing';
    const before = last;
    if (before && nowMs - before.atMs < COPY_MS && isCopy(before.signal, signal)) return 'nothing';
    last = { signal, atMs: nowMs };
    return before ? 'escalate' : 'begin';
  };
}

/** timeout(1) and systemd signal us and our group; SendSIGHUP= and a closing terminal add the other one. */
const isCopy = (first: EndingSignal, second: EndingSignal): boolean =>
  first === second || (HANGUPS.has(first) && HANGUPS.has(second));

const HANGUPS: ReadonlySet<EndingSignal> = new Set(['SIGTERM', 'SIGHUP']);
const COPY_MS = 500;
