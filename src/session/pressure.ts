// Watches whether the file system of a session runs full while it lives: then its commands may have failed
// without a word.
import { isoTime } from '../clock.js';
import { quietly } from '../fs.js';
import { tell } from '../heard.js';
import { noteFull, prepareNote, readNote } from '../space/full-note.js';
import { headroomOf, isSpent, nextLookMs } from '../space/headroom.js';
import { fullNow, type Pressure } from '../space/probe.js';

export type { Pressure };

export interface PressureWatch {
  /** Looks now; what was found first stays. */
  look(): Pressure | undefined;
  /** What was found so far. */
  found(): Pressure | undefined;
  /** Hears of what is found, once; soon where it was found already. Gives the undo. */
  listen(listener: (pressure: Pressure) => unknown): () => void;
  stop(): void;
}

export interface Pressed {
  /** The directory, where there is one. */
  dir(): string | undefined;
  /** Where it is noted: by us, for whoever ends the session if we are killed; by an agent's hook, for us. */
  note: string;
  /** When it has a limit of its own. */
  limitBytes?: number | undefined;
}

/**
 * Probes it every ten minutes. Asks how much room there is the more often, the sooner that could be gone: a
 * disk may be full for a minute only. A write follows where there is none left.
 */
export function watchPressure({ dir, note, limitBytes }: Pressed): PressureWatch {
  let first: Pressure | undefined;
  const listeners = new Set<(pressure: Pressure) => unknown>();
  const say = (pressure: Pressure) => {
    for (const listener of listeners) void tell(listener, pressure);
    listeners.clear();
  };
  const notice = (pressure: Pressure) => {
    first = { ...pressure, ...(limitBytes === undefined ? {} : { limitBytes }) };
    say(first);
  };
  const found = () => {
    const noted = first ? undefined : readNote(note);
    if (noted) notice(noted);
    return first;
  };
  const look = () => {
    const place = found() ? undefined : dir();
    const code = place === undefined ? undefined : fullNow(place);
    if (code) {
      noteFull(note, code);
      notice({ code, at: isoTime(Date.now()) });
    }
    return first;
  };
  const glance = () => {
    const place = found() ? undefined : dir();
    const headroom = place === undefined ? undefined : headroomOf(place);
    if (headroom && isSpent(headroom)) look();
    glances = first ? undefined : setTimeout(glance, nextLookMs(headroom)).unref();
  };
  const begin = () => {
    quietly(() => prepareNote(note));
    glance();
  };
  const looks = setInterval(look, EVERY_MS).unref();
  let glances: NodeJS.Timeout | undefined = setTimeout(begin, FIRST_MS).unref();
  return {
    look,
    found,
    listen: (listener) => {
      listeners.add(listener);
      queueMicrotask(() => first && say(first));
      return () => void listeners.delete(listener);
    },
    stop: () => {
      clearInterval(looks);
      clearTimeout(glances);
    },
  };
}

const EVERY_MS = 10 * 60_000;
const FIRST_MS = 5_000; // the agent is to start first
