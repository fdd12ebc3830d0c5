// Options as users write them: durations and words, checked at the door. A wrong one names option and value.
import { resolve } from 'node:path';
import { misuse } from './errors.js';
import { didYouMean, oneOf } from './nearest.js';
import { quote } from './quote.js';

/** A length of time: milliseconds, or a number with a unit (`500ms`, `5s`, `10m`, `72h`, `3d`). */
export type Duration = number | string;

/** A size: bytes, or a text with a unit of 1024 (`512M`, `2G`, `1.5GiB`; `64MB` is `64M`). */
export type Size = number | string;

/** What happens to processes the agent leaves behind. */
export const SURVIVORS = ['end', 'keep'] as const;
export type Survivors = (typeof SURVIVORS)[number];

export const SWITCH = ['on', 'off'] as const;

/** What becomes of members of sessions whose owner is dead. */
export const ORPHANS = ['wait', 'end'] as const;
export type Orphans = (typeof ORPHANS)[number];

/** What becomes of git worktrees in a session that ends; see docs/safety.md. */
export type WorkChoice = 'keep' | 'remove';
/** `tell`: a person wants it removed. It goes, too, and is named. */
export type WorkOnRoad = WorkChoice | 'tell';

/** What holds where nobody says otherwise, as one would write it. */
export const DEFAULTS = {
  backend: 'auto',
  grace: '5s',
  survivors: 'end',
  isolate: 'none',
  size: '2G',
  worktrees: 'keep',
  tell: 'on',
  maxAge: '72h',
  orphans: 'wait',
  lowShare: '5%',
  low: '64M',
  every: '1h',
  deadline: '2m',
  time: '10s',
} as const;

/** A timer set to more would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** Whatever an option or pressure says. */
export const MIN_MAX_AGE_MS = 3_600_000;

/**
 * Milliseconds of a duration.
 * @throws QwRunError `ERR_QW_USAGE` naming `option` when it is none
 */
export function parseDuration(option: string, value: Duration): number {
  const ms = typeof value === 'number' ? value : scaled(value, (unit) => MS[unit]);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw misuse(`${option} needs a duration such as 500ms, 5s or 72h, not ${quote(value)}`);
}

/**
 * Bytes of a size.
 * @throws QwRunError `ERR_QW_USAGE` naming `option` when it is none
 */
export function parseSize(option: string, value: Size): number {
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes;
  throw misuse(`${option} needs a size such as 512M or 2G, not ${quote(value)}`);
}

/** Undefined for what is no size, as a text without a unit: of `5` nobody knows what it is. */
export function bytesOf(value: Size): number | undefined {
  const bytes = Math.floor(
    typeof value === 'number' ? value : scaled(value, (unit) => BYTES[unit.toLowerCase()]),
  );
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

/** A number with its unit, 0 without one; NaN for anything else, also where it is no text at all. */
function scaled(text: unknown, sizeOf: (unit: string) => number | undefined): number {
  const [, digits, unit = ''] =
    (typeof text === 'string' && /^(\d+(?:\.\d+)?)(\w*)$/.exec(text.trim())) || [];
  return digits === '0' && unit === '' ? 0 : Number(digits) * (sizeOf(unit) ?? Number.NaN);
}

/**
 * The age by option, then by `QW_MAX_AGE`, then the default, in ms.
 * @throws QwRunError `ERR_QW_USAGE` naming the one that is none
 */
export const resolveMaxAge = (maxAge: Duration | undefined, { QW_MAX_AGE }: NodeJS.ProcessEnv): number =>
  maxAge !== undefined
    ? parseDuration('maxAge', maxAge)
    : parseDuration('QW_MAX_AGE', QW_MAX_AGE || DEFAULTS.maxAge);

/**
 * What `QW_WORKTREES` says of worktrees in sessions; they are kept by default.
 * @throws QwRunError `ERR_QW_USAGE` for another word
 */
export const resolveWork = ({ QW_WORKTREES }: NodeJS.ProcessEnv): WorkChoice =>
  parseWord('QW_WORKTREES', QW_WORKTREES || DEFAULTS.worktrees, ['keep', 'remove']);

/** What decides a verdict beside the facts. */
export interface Policy {
  maxAgeMs: number;
  /** Names of programs never to be ended. */
  spare: readonly string[];
  /** `remove`: work in a session counts for nothing. */
  work?: WorkChoice | undefined;
  /** False: nothing more is to be removed. Put in by the one that does the work. */
  isWanted?: (() => boolean) | undefined;
}

/**
 * The policy that `QW_MAX_AGE`, `QW_SPARE` and `QW_WORKTREES` say.
 * @throws QwRunError `ERR_QW_USAGE` naming the one that is wrong
 */
export const policyOf = (env: NodeJS.ProcessEnv, maxAge?: Duration): Policy => ({
  maxAgeMs: resolveMaxAge(maxAge, env),
  spare: parseNames(env['QW_SPARE']),
  work: resolveWork(env),
});

/**
 * A path from the working directory.
 * @throws QwRunError `ERR_QW_USAGE` naming `option` where it is relative and that directory was removed
 */
export function fromHere(option: string, path: string): string {
  try {
    return resolve(path);
  } catch {
    throw misuse(`${option} (${quote(path)}) is relative, and the working directory was removed`);
  }
}

/**
 * One of the words an option allows.
 * @throws QwRunError `ERR_QW_USAGE` naming `option` when it is another
 */
export function parseWord<T extends string>(option: string, value: string, words: readonly T[]): T {
  const word = words.find((allowed) => allowed === value);
  if (word !== undefined) return word;
  throw misuse(`${option} must be ${oneOf(words)}, not ${quote(value)}${didYouMean(String(value), words)}`);
}

/** The same where it may be left out. */
export const parseWordIfAny = <T extends string>(
  option: string,
  value: string | undefined,
  words: readonly T[],
): T | undefined => (value === undefined ? undefined : parseWord(option, value, words));

/** Names separated by commas or given several times, as `--spare` and `QW_SPARE` take them. */
export const parseNames = (value: string | readonly string[] | undefined): string[] =>
  (typeof value === 'string' ? [value] : (value ?? []))
    .flatMap((names) => names.split(','))
    .map((name) => name.trim())
    .filter(Boolean);

const MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** `k`, `kb`, `kib` … */
const BYTES: Record<string, number> = Object.fromEntries(
  [...'kmgt'].flatMap((unit, at) => ['', 'b', 'ib'].map((end) => [unit + end, 1024 ** (at + 1)])),
);
export const DEFAULT_GRACE_MS = parseDuration('grace', DEFAULTS.grace);
export const DEFAULT_MAX_AGE_MS = parseDuration('maxAge', DEFAULTS.maxAge);
