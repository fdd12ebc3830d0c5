// What a server's reaper may be told, and what one reading of that means.
import { QwRunError } from '../errors.js';
import { deadlineMs } from '../helper/for-server.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { checkString, DEFAULTS, type Duration, MAX_TIMER_MS, parseDuration } from '../options.js';
import type { Receipt } from '../receipt/receipt.js';
import { absolute, type PassRequest, placesIn } from './pass.js';
import { REAP, type ReapOptions, resolveChoices } from './reap-options.js';
import type { ReapReport } from './reap-report.js';
import type { Logger } from './reaper-words.js';

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

const REAPER: OptionNames<ReaperOptions> = {
  ...REAP,
  ...{ enabled: true, every: true, onReport: true, onReceipt: true, logger: true },
};

/** One reading of the options, checked. */
export interface Reading {
  options: ReaperOptions;
  isEnabled: boolean;
  isLegacy: boolean;
  everyMs: number;
  deadlineMs: number;
  request: PassRequest;
}

/** @throws QwRunError `ERR_QW_USAGE` */
export function readOptions(options: ReaperOptions): Reading {
  if (options instanceof Promise)
    throw new QwRunError('ERR_QW_USAGE', 'startReaper() reads its options at once: not from a promise');
  checkOptions('startReaper()', options, REAPER);
  const { enabled = true, every = DEFAULTS.every, legacy = true, env = process.env, root } = options;
  checkString('root', root);
  return {
    options,
    isEnabled: Boolean(enabled),
    isLegacy: legacy,
    everyMs: Math.min(Math.max(parseDuration('every', every), MIN_EVERY_MS), MAX_TIMER_MS),
    deadlineMs: deadlineMs(options.deadline),
    request: {
      choices: resolveChoices({ ...options, legacy }),
      // A server's reaper is there before its first session makes the root.
      places: { root: absolute(root), mayBeMissing: true, env: placesIn(env) },
    },
  };
}

const MIN_EVERY_MS = 1_000;
