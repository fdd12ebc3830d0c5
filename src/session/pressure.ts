// Watches whether the file system of a session runs full while it lives: then its commands may have failed
// without a word.
import { type FullCode, fullNow } from '../space/probe.js';

/** The first time a write was refused. */
export interface Pressure {
  /** `EDQUOT`: the user's quota; `ENOSPC`: blocks or inodes of all. */
  code: FullCode;
  /** ISO 8601. */
  at: string;
  /** The session's own limit, where that was reached. */
  limitBytes?: number;
}

export interface PressureWatch {
  /** Looks now; what was found first stays. */
  look(): Pressure | undefined;
  /** What was found so far. */
  found(): Pressure | undefined;
  stop(): void;
}

/**
 * Probes the directory, where there is one, every ten minutes; `limitBytes` when it has a limit of its own.
 */
export function watchPressure(dir: () => string | undefined, limitBytes?: number): PressureWatch {
  let first: Pressure | undefined;
  const look = () => {
    const place = first ? undefined : dir();
    const code = place === undefined ? undefined : fullNow(place);
    if (code)
      first = { code, at: new Date().toISOString(), ...(limitBytes === undefined ? {} : { limitBytes }) };
    return first;
  };
  const timer = setInterval(look, EVERY_MS).unref();
  return { look, found: () => first, stop: () => clearInterval(timer) };
}

const EVERY_MS = 10 * 60_000;
