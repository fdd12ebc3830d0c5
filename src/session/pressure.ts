// Watches whether the file system of a session runs full while it lives: then its commands may have failed without a word.
import { type FullCode, fullNow } from '../space/probe.js';

/** The first time a write was refused. */
export interface Pressure {
  /** `EDQUOT`: the user's quota; `ENOSPC`: blocks or inodes of all. */
  code: FullCode;
  /** ISO 8601. */
  at: string;
}

export interface PressureWatch {
  /** Looks now; what was found first stays. */
  look(): Pressure | undefined;
  stop(): void;
}

/** Probes `dir` every ten minutes. */
export function watchPressure(dir: string): PressureWatch {
  let first: Pressure | undefined;
  const look = () => {
    const code = first ? undefined : fullNow(dir);
    if (code) first = { code, at: new Date().toISOString() };
    return first;
  };
  const timer = setInterval(look, EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}

const EVERY_MS = 10 * 60_000;
