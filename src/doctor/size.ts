// How large something is, as far as it was seen in the time there was. Pure.
import { formatBytes, plural } from '../space/format-bytes.js';
import type { Measure } from '../tree/measure.js';

export interface Size {
  /** Allocated. */
  bytes: number;
  /** Files and directories. */
  entries: number;
  /** Time ran out: there is more than that. */
  isPartial: boolean;
}

export const sizeOf = (measured: Measure | undefined): Size => ({
  bytes: measured?.bytes ?? 0,
  entries: measured?.entries ?? 0,
  isPartial: measured?.isPartial ?? false,
});

export const total = (sizes: readonly Size[]): Size => ({
  bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
  entries: sizes.reduce((sum, { entries }) => sum + entries, 0),
  isPartial: sizes.some(({ isPartial }) => isPartial),
});

/** `1.5 MiB in 12 entries`; with `at least` where not all was seen. */
export function formatSizes(sizes: readonly Size[]): string {
  const { bytes, entries, isPartial } = total(sizes);
  return `${isPartial ? 'at least ' : ''}${formatBytes(bytes)} in ${plural(entries, 'entry')}`;
}
