// How much room must be left (low), and up to where it is cleared when it is not (target). Pure.
import { misuse } from '../errors.js';
import { bytesOf, DEFAULTS, parseSize, type Size } from '../options.js';
import { quote } from '../quote.js';
import type { Headroom } from './headroom.js';

/** How much room: a size (bytes, or `500M`), or a percentage of the file system (`5%`). */
export type Space = Size;

/** The same, read. */
export type Watermark = { percent: number } | { bytes: number };

export interface Watermarks {
  low?: Watermark | undefined;
  target?: Watermark | undefined;
}

/** Bytes and inodes together: what is free, what must be, what is missing. */
export interface Room {
  bytes: number;
  inodes: number;
}

/** @throws QwRunError `ERR_QW_USAGE` naming `option` when `value` is no amount of space */
export function parseWatermark(option: string, value: Space): Watermark {
  const [, digits] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)%$/.exec(value.trim())) || [];
  const [percent, bytes] = [Number(digits), bytesOf(value)];
  if (percent <= 100) return { percent };
  if (bytes !== undefined) return { bytes };
  throw misuse(`${option} needs a percentage or a size such as 5%, 500M or 2GiB, not ${quote(value)}`);
}

/**
 * Both watermarks by option, then by `QW_LOW` and `QW_TARGET`; what is not said stays open for the default.
 * @throws QwRunError `ERR_QW_USAGE` naming the one that is none, or a target below low
 */
export function resolveWatermarks(
  { low, target }: { low?: Space | undefined; target?: Space | undefined },
  { QW_LOW, QW_TARGET }: NodeJS.ProcessEnv,
): Watermarks {
  const read = (name: string, option: Space | undefined, variable: string | undefined) =>
    option !== undefined
      ? parseWatermark(name, option)
      : variable
        ? parseWatermark(`QW_${name.toUpperCase()}`, variable)
        : undefined;
  const watermarks = { low: read('low', low, QW_LOW), target: read('target', target, QW_TARGET) };
  if (isBelow(watermarks.target, watermarks.low))
    throw misuse(`target (${show(watermarks.target)}) must not be below low (${show(watermarks.low)})`);
  return watermarks;
}

/**
 * What must be free: below, there is pressure. Default: 5 % or 64 MiB, whichever is more, and 5 % of the
 * inodes. `0` is never.
 */
export function lowRoom(headroom: Headroom, { low }: Watermarks): Room {
  if (low && 'percent' in low) return partOf(headroom, low.percent);
  const { bytes, inodes } = partOf(headroom, LOW_PERCENT);
  if (low) return { bytes: low.bytes, inodes: low.bytes === 0 ? 0 : inodes };
  return { bytes: Math.max(bytes, LOW_BYTES), inodes };
}

/** Up to where it is cleared. Default: twice low, at most half of a small file system. Never below low. */
export function targetRoom(headroom: Headroom, watermarks: Watermarks): Room {
  const { target } = watermarks;
  const low = lowRoom(headroom, watermarks);
  if (target && 'percent' in target) {
    const { bytes, inodes } = partOf(headroom, target.percent);
    return { bytes: Math.max(low.bytes, bytes), inodes: Math.max(low.inodes, inodes) };
  }
  const twice = (it: number, total: number) => Math.max(it, Math.min(2 * it, total / 2));
  const bytes = target ? Math.max(low.bytes, target.bytes) : twice(low.bytes, headroom.bytesTotal);
  return { bytes, inodes: twice(low.inodes, headroom.inodesTotal) };
}

const partOf = ({ bytesTotal, inodesTotal }: Headroom, percent: number): Room => ({
  bytes: (bytesTotal * percent) / 100,
  inodes: (inodesTotal * percent) / 100,
});

/** What `headroom` falls short of `wanted`. */
export const missingRoom = ({ bytesFree, inodesFree }: Headroom, wanted: Room): Room => ({
  bytes: Math.max(0, wanted.bytes - bytesFree),
  inodes: Math.max(0, wanted.inodes - inodesFree),
});

export const isNothing = ({ bytes, inodes }: Room): boolean => bytes <= 0 && inodes <= 0;

/** Only what is said in the same unit can be compared without a file system. */
function isBelow(target: Watermark | undefined, low: Watermark | undefined): boolean {
  if (!target || !low) return false;
  if ('percent' in target) return 'percent' in low && target.percent < low.percent;
  return 'bytes' in low && target.bytes < low.bytes;
}

const show = (one: Watermark | undefined): string =>
  one === undefined ? '' : 'percent' in one ? `${one.percent}%` : `${one.bytes} bytes`;

const LOW_PERCENT = Number.parseFloat(DEFAULTS.lowShare);
const LOW_BYTES = parseSize('low', DEFAULTS.low);
