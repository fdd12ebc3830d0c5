// The reaper of a server: a pass at once, then every hour, and after each session what its backend left
// elsewhere. The timer does not keep the process alive, passes do not overlap, and no fault of a pass reaches
// the server. Options are read before each pass, and while one runs: they may be a function.
import { profileNamed } from '../backends/profiles.js';
import { monotonicMs, newYielder } from '../clock.js';
import { tell } from '../heard.js';
import { ownHelpers } from '../helper/for-server.js';
import { stayFor } from '../helper/helpers.js';
import type { Receipt } from '../receipt/receipt.js';
import { readMounts } from '../root/mounts.js';
import { existingRoots } from '../root/roots.js';
import { onSessionEnd } from '../session/session-ends.js';
import { hangingMounts } from '../work/destination.js';
import { pass } from './pass.js';
import type { PassRequest } from './pass-here.js';
import type { ReapReport } from './reap-report.js';
import { type Reading, type ReaperOptions, readOptions } from './reaper-options.js';

export type { ReaperOptions };

export interface Reaper {
  /**
   * The report of the pass at the start; undefined where there was none: not enabled, stopped before, or
   * failed, of which the logger hears. Never rejects. The process stays alive for who asks.
   */
  readonly first: Promise<ReapReport | undefined>;
  /** No further pass; one that runs is finished by the helper process. */
  stop(): void;
}

/**
 * Starts the reaper. Options as a function are read before each pass; once it says `enabled: false`, a pass
 * that runs removes nothing more, and after it says otherwise one begins within a minute.
 * @throws QwRunError `ERR_QW_USAGE` for an invalid option, and the guard's errors for a `root`
 *   that is there
 */
export function startReaper(options: ReaperOptions | (() => ReaperOptions) = {}): Reaper {
  let last = readOptions(typeof options === 'function' ? options() : options); // wrong ones are told now
  const { root } = last.request.places; // as it is now: the working directory may be another one later
  const optionsNow =
    typeof options === 'function' ? options : () => ({ ...readOptions(options).options, root });
  checkNamed(last.request.places);
  let isStopped = false;
  let dueAt = Number.NEGATIVE_INFINITY;
  let letGo: (() => void) | undefined;
  /** Undefined where they are invalid: then the last ones hold. */
  const readAgain = (complain: (error: unknown) => void = () => {}): Reading | undefined => {
    try {
      last = readOptions(optionsNow());
    } catch (error) {
      complain(error);
      return undefined;
    }
    if (isStopped) return last;
    if (last.isEnabled) letGo ??= ownHelpers()?.keep();
    else {
      letGo?.();
      letGo = undefined;
      dueAt = Number.NEGATIVE_INFINITY; // once it is enabled again
    }
    return last;
  };
  const isWanted = () => readAgain()?.isEnabled !== false;

  const passSoon = inTurn(async (narrow) => {
    const now = isStopped ? undefined : readAgain(last.words.ofFault);
    const request = now?.isEnabled ? narrow(now) : undefined;
    return now && request && runPass(now, request, isWanted);
  });
  let timer: NodeJS.Timeout | undefined;
  const tick = (): Promise<ReapReport | undefined> | undefined => {
    readAgain();
    const { everyMs, isEnabled } = last;
    const now = monotonicMs(); // before the timer begins to run
    timer = setTimeout(tick, Math.min(everyMs, LIVE_MS)).unref();
    if (!isEnabled || now < dueAt) return undefined;
    dueAt = now + everyMs - EARLY_MS;
    return passSoon('all', ({ request }) => request);
  };
  const begun = tick() ?? Promise.resolve(undefined);
  const forget = onSessionEnd((backend) => {
    const legacyOnly: Narrow = ({ isLegacy, request }) => (isLegacy ? legacyOf(backend, request) : undefined);
    if (profileNamed(backend).legacy.length > 0) void passSoon(`legacy of ${backend}`, legacyOnly);
  });
  return {
    get first() {
      return stayFor(begun);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      forget();
      letGo?.();
    },
  };
}

/** What of a reading is to be done; undefined for nothing. */
type Narrow = (now: Reading) => PassRequest | undefined;

/** One pass after the other. Fifty sessions that end at once need one: what waits already is not added. */
function inTurn(run: (narrow: Narrow) => Promise<ReapReport | undefined>) {
  let running: Promise<unknown> = Promise.resolve();
  const waiting = new Set<string>();
  return (name: string, narrow: Narrow) => {
    if (waiting.has(name)) return undefined;
    waiting.add(name);
    const report = running.then(() => {
      waiting.delete(name);
      return run(narrow);
    });
    running = report;
    return report;
  };
}

/** Undefined for one that failed. `isWanted` is asked as long as it runs. */
async function runPass(
  { options, words, deadlineMs }: Reading,
  request: PassRequest,
  isWanted: () => boolean,
): Promise<ReapReport | undefined> {
  const { onReport, onReceipt, onProgress } = options;
  const over = new AbortController();
  const watch = setInterval(() => isWanted() || over.abort(), WATCH_MS).unref();
  try {
    const how = { isAwaited: false, deadlineMs, signal: over.signal };
    const { report, receipts } = await pass(request, (progress) => void tell(onProgress, progress), how);
    words.ofPass(report);
    await tellEach(onReceipt, receipts, words.ofFault);
    void tell(onReport, report, words.ofFault); // not waited for: it may never come to its end
    return report;
  } catch (error) {
    words.ofFault(error);
    return undefined;
  } finally {
    clearInterval(watch);
  }
}

/** There may be thousands. */
async function tellEach(
  hear: ReaperOptions['onReceipt'],
  receipts: readonly Receipt[],
  complain: (error: unknown) => void,
): Promise<void> {
  const yielder = newYielder();
  for (const receipt of hear ? receipts : []) {
    void tell(hear, receipt, complain);
    if (yielder.isDue()) await yielder.yield();
  }
}

/**
 * A root that was named and is unsafe is told at once; not one on a mount that may never answer, of which the
 * pass tells.
 */
function checkNamed({ root, env }: PassRequest['places']): void {
  if (root === undefined || hangingMounts(readMounts(), '/')(root)) return;
  existingRoots(env, root, { mayBeMissing: true });
}

/** After a session: nothing but what its backend left in the system's temp directory. */
const legacyOf = (backend: string, { choices, places }: PassRequest): PassRequest => ({
  choices: { ...choices, watermarks: undefined, legacy: { backends: [backend], isTaken: true } },
  places: { ...places, only: [] },
});

/** How often the options are read between passes, and while one runs: they may be a function. */
const LIVE_MS = 60_000;
const WATCH_MS = 500;
/** A timer may be that much early. */
const EARLY_MS = 5;
