// What a signal to the wrapper means: begin the end, go faster, or nothing new. Pure: time and facts come in.

export const ENDING_SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

type Judge = (signal: EndingSignal, at: { nowMs: number; hasReachedAgent: boolean }) => Meaning;
type Meaning = 'begin' | 'escalate' | 'nothing';

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
