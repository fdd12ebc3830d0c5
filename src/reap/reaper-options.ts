// What a server's reaper may be told, what one reading of that means, and what its logger hears.
import { QwRunError } from '../errors.js';
import { tell } from '../heard.js';
import { deadlineMs } from '../helper/for-server.js';
import { checkOptions, FLAG, FUNCTION, LOGGER, type OptionNames } from '../known-options.js';
import { DEFAULTS, type Duration, MAX_TIMER_MS, parseDuration } from '../options.js';
import type { Receipt } from '../receipt/receipt.js';
import { namesOf } from '../receipt/words.js';
import type { PassRequest } from './pass-here.js';
import { placesOf } from './places.js';
import { REAP, type ReapOptions, resolveChoices } from './reap-options.js';
import { endedBySession, type ReapReport } from './reap-report.js';

export interface ReaperOptions extends ReapOptions {
  /** False: no pass; read anew, one that runs removes nothing more. Default true. */
  enabled?: boolean | undefined;
  /** Time between passes. Default 1h. */
  every?: Duration | undefined;
  /** Here on by default. */
  legacy?: boolean | undefined;
  /** Hears of every pass. */
  onReport?: ((report: ReapReport) => unknown) | undefined;
  /** Hears of each receipt that its passes wrote. */
  onReceipt?: ((receipt: Receipt) => unknown) | undefined;
  /**
   * Gets one line for each session whose processes were ended, which names them, one for a pass that removed
   * something, and a warning for one that failed.
   */
  logger?: Logger | undefined;
}

export interface Logger {
  info(line: string): void;
  warn(line: string): void;
}

const REAPER: OptionNames<ReaperOptions> = {
  ...REAP,
  ...{ enabled: FLAG, every: true, onReport: FUNCTION, onReceipt: FUNCTION, logger: LOGGER },
};

/** One reading of the options, checked. */
export interface Reading {
  options: ReaperOptions;
  words: ReturnType<typeof wordsFor>;
  isEnabled: boolean;
  isLegacy: boolean;
  everyMs: number;
  deadlineMs: number;
  request: PassRequest;
}

/** @throws QwRunError `ERR_QW_USAGE` */
export function readOptions(given: ReaperOptions): Reading {
  if (given instanceof Promise) {
    given.catch(() => {}); // nobody else waits for it: unhandled, its rejection would end the server
    throw new QwRunError('ERR_QW_USAGE', 'startReaper() reads its options at once: not from a promise');
  }
  const options = checkOptions('startReaper()', given, REAPER);
  const { enabled = true, every = DEFAULTS.every, legacy = true } = options;
  return {
    options,
    words: wordsFor(options),
    isEnabled: enabled,
    isLegacy: legacy,
    everyMs: Math.min(Math.max(parseDuration('every', every), MIN_EVERY_MS), MAX_TIMER_MS),
    deadlineMs: deadlineMs(options.deadline),
    request: {
      choices: resolveChoices({ ...options, legacy }),
      // A server's reaper is there before its first session makes the root.
      places: { ...placesOf(options), mayBeMissing: true },
    },
  };
}

/** One line for each; what the logger throws is dropped. */
function wordsFor({ logger }: ReaperOptions) {
  const info = (text: string) => void tell((line: string) => logger?.info(line), text);
  const warn = (text: string) => void tell((line: string) => logger?.warn(line), text);
  return {
    ofPass: (report: ReapReport) => {
      const { removed, ended, swept, failed, bytes } = report;
      for (const [id, those] of endedBySession(ended))
        info(`qw-run: ended ${namesOf(those)} of session ${id}, whose owner is dead`);
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

/** What stayed short of room although all went that may. */
const shortOf = ({ pressure }: ReapReport): string[] =>
  pressure
    .filter(({ place, isEnough }, at) => !isEnough && pressure[at + 1]?.place !== place)
    .map(({ place }) => place);

const MIN_EVERY_MS = 1_000;
