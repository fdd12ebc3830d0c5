// The reaper of a server: a pass at once, then every hour, and after each session what its backend left
// elsewhere. The timer does not keep the process alive, passes do not overlap, and no fault of a pass reaches
// the server.

import { profileNamed } from '../backends/profiles.js';
import { type Duration, MAX_TIMER_MS, parseDuration } from '../options.js';
import { askForRoots } from '../process/ask-mounts.js';
import { onSessionEnd } from '../session/session-ends.js';
import { inWorker } from './reap.js';
import type { ReapInput } from './reap-input.js';
import type { ReapReport } from './reap-now.js';
import { type ReapOptions, resolveReap } from './reap-options.js';

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
  /** No further pass; one that runs is finished by its thread. */
  stop(): void;
}

/**
 * Starts the reaper.
 * @throws QwRunError `ERR_QW_USAGE` for an option that cannot be meant, and the guard's errors for a `root`
 *   that is there
 */
export function startReaper(options: ReaperOptions = {}): Reaper {
  const { enabled = true, every = '1h', legacy = true, onReport, logger } = options;
  const everyMs = Math.min(Math.max(parseDuration('every', every), MIN_EVERY_MS), MAX_TIMER_MS);
  // A server's reaper is there before its first session makes the root.
  const input = () => resolveReap({ ...options, legacy }, { mayBeMissing: true });
  input(); // a wrong option is told now, not in an hour
  if (!enabled) return { stop: () => {} };

  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  const warn = (line: string) => {
    try {
      logger?.warn(line);
    } catch {
      // the logger's own fault must not bring the server down
    }
  };
  const waiting = new Set<string>();
  const pass = (name: string, narrow: (all: ReapInput) => ReapInput = (all) => all) => {
    if (waiting.has(name)) return; // fifty sessions that end at once need one pass, not fifty
    waiting.add(name);
    running = running.then(async () => {
      waiting.delete(name);
      if (isStopped) return;
      try {
        await askForRoots(options.env ?? process.env, options.root);
        await tell(await inWorker(narrow(input()), () => {}, false), onReport, logger);
      } catch (error) {
        warn(`qw-run: the reaper failed: ${error instanceof Error ? error.message : error}`);
      }
    });
  };
  pass('all');
  const timer = setInterval(() => pass('all'), everyMs).unref();
  const forget = legacy
    ? onSessionEnd((backend) => {
        if (profileNamed(backend).legacy.length > 0)
          pass(`legacy of ${backend}`, (all) => legacyOf(backend, all));
      })
    : () => {};
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
      forget();
    },
  };
}

/** After a session: nothing but what its backend left in the system's temp directory. */
const legacyOf = (backend: string, input: ReapInput): ReapInput => ({
  ...input,
  roots: [],
  marks: undefined,
  legacy: { backends: [backend], isTaken: true },
});

/** What stayed short of room although all went that may. */
const shortOf = ({ pressure }: ReapReport): string[] =>
  pressure
    .filter(({ place, isEnough }, at) => !isEnough && pressure[at + 1]?.place !== place)
    .map(({ place }) => place);

async function tell(
  report: ReapReport,
  onReport: ReaperOptions['onReport'],
  logger: ReaperOptions['logger'],
): Promise<void> {
  const { removed, swept, failed, bytes } = report;
  if (removed.length + swept.length > 0)
    logger?.info(
      `qw-run: reaped ${removed.length} sessions and ${swept.length} stale entries, ${bytes} bytes`,
    );
  for (const place of shortOf(report))
    logger?.warn(`qw-run: ${place} is short of room, and nothing more may be removed: see qw-tmp list`);
  for (const { path, reason } of failed) logger?.warn(`qw-run: could not remove ${path}: ${reason}`);
  await onReport?.(report);
}

const MIN_EVERY_MS = 1_000;
