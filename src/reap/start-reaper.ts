// The reaper of a server: a pass at once, then every hour, and after each session what its backend left
// elsewhere. The timer does not keep the process alive, passes do not overlap, and no fault of a pass reaches
// the server.
import { profileNamed } from '../backends/profiles.js';
import { tell } from '../heard.js';
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkString, type Duration, MAX_TIMER_MS, parseDuration } from '../options.js';
import { readMounts } from '../root/mounts.js';
import { existingRoots } from '../root/roots.js';
import { onSessionEnd } from '../session/session-ends.js';
import { hangingMounts } from '../work/place.js';
import { absolute, type PassRequest, pass, placesIn } from './pass.js';
import type { ReapReport } from './reap-now.js';
import { type ReapOptions, resolveChoices } from './reap-options.js';

export interface ReaperOptions extends ReapOptions {
  /** False: nothing is started, `stop()` is there all the same. Default true. */
  enabled?: boolean | undefined;
  /** Time between passes. Default 1h. */
  every?: Duration | undefined;
  /** Here on by default. */
  legacy?: boolean | undefined;
  /** Hears of every pass. */
  onReport?: ((report: ReapReport) => unknown) | undefined;
  /** Gets one line for a pass that did something, and a warning for one that failed. */
  logger?: { info(line: string): void; warn(line: string): void } | undefined;
}

export interface Reaper {
  /** No further pass; one that runs is finished by the helper process. */
  stop(): void;
}

/**
 * Starts the reaper.
 * @throws QwRunError `ERR_QW_USAGE` for an option that cannot be meant, and the guard's errors for a `root`
 *   that is there
 */
export function startReaper(options: ReaperOptions = {}): Reaper {
  const { enabled = true, every = '1h', legacy = true, onReport, onProgress } = options;
  const everyMs = Math.min(Math.max(parseDuration('every', every), MIN_EVERY_MS), MAX_TIMER_MS);
  const how = { isAwaited: false, deadlineMs: deadlineMs(options.deadline) };
  const env = options.env ?? process.env;
  checkString('root', options.root);
  const root = absolute(options.root);
  // A server's reaper is there before its first session makes the root.
  const places = () => ({ root, mayBeMissing: true, env: placesIn(env) });
  const request = () => ({ choices: resolveChoices({ ...options, legacy }), places: places() });
  request(); // a wrong option is told now, not in an hour
  checkNamed(root, env);
  if (!enabled) return { stop: () => {} };

  const words = wordsFor(options);
  const letGo = ownHelpers()?.keep();
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  const waiting = new Set<string>();
  const passSoon = (name: string, narrow: (all: PassRequest) => PassRequest = (all) => all) => {
    if (waiting.has(name)) return; // fifty sessions that end at once need one pass, not fifty
    waiting.add(name);
    running = running.then(async () => {
      waiting.delete(name);
      if (isStopped) return;
      try {
        const report = await pass(narrow(request()), (progress) => void tell(onProgress, progress), how);
        words.ofPass(report);
        void tell(onReport, report, words.ofFault); // not waited for: it may never come to its end
      } catch (error) {
        words.ofFault(error);
      }
    });
  };
  passSoon('all');
  const timer = setInterval(() => passSoon('all'), everyMs).unref();
  const forget = legacy
    ? onSessionEnd((backend) => {
        if (profileNamed(backend).legacy.length > 0)
          passSoon(`legacy of ${backend}`, (all) => legacyOf(backend, all));
      })
    : () => {};
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
      forget();
      letGo?.();
    },
  };
}

/**
 * A root that was named and is unsafe is told at once; not one on a mount that may never answer, of which the
 * pass tells.
 */
function checkNamed(root: string | undefined, env: NodeJS.ProcessEnv): void {
  if (root === undefined || hangingMounts(readMounts(), '/')(root)) return;
  existingRoots(env, root, { mayBeMissing: true });
}

/** After a session: nothing but what its backend left in the system's temp directory. */
const legacyOf = (backend: string, { choices, places }: PassRequest): PassRequest => ({
  choices: { ...choices, marks: undefined, legacy: { backends: [backend], isTaken: true } },
  places: { ...places, only: [] },
});

/** What stayed short of room although all went that may. */
const shortOf = ({ pressure }: ReapReport): string[] =>
  pressure
    .filter(({ place, isEnough }, at) => !isEnough && pressure[at + 1]?.place !== place)
    .map(({ place }) => place);

/** What the logger hears. */
function wordsFor({ logger }: ReaperOptions) {
  const info = (text: string) => void tell((line: string) => logger?.info(line), text);
  const warn = (text: string) => void tell((line: string) => logger?.warn(line), text);
  return {
    ofPass: (report: ReapReport) => {
      const { removed, swept, failed, bytes } = report;
      if (removed.length + swept.length > 0)
        info(`qw-run: reaped ${removed.length} sessions and ${swept.length} stale entries, ${bytes} bytes`);
      for (const place of shortOf(report))
        warn(`qw-run: ${place} is short of room, and nothing more may be removed: see qw-tmp list`);
      for (const { path, reason } of failed) warn(`qw-run: could not remove ${path}: ${reason}`);
    },
    ofFault: (error: unknown) =>
      warn(`qw-run: the reaper failed: ${error instanceof Error ? error.message : error}`),
  };
}

const MIN_EVERY_MS = 1_000;
