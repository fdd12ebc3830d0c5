// Figures, tables and repeated words for people. Pure.
import { isoTime } from '../clock.js';
import { CONTROLS } from '../options.js';

export { formatBytes } from '../space/format-bytes.js';

/** `63,370`. Not by toLocaleString: that loads languages for longer than a small pass takes. */
export const withCommas = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `45s`, `12m`, `3h`, `2d`; an age below zero (the clock jumped) is `0s`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `2026-11-29 11:02 UTC`. */
export const formatTime = (at: string): string =>
  `${isoTime(Date.parse(at)).slice(0, 16).replace('T', ' ')} UTC`;

/** Columns two spaces apart, the last one cut at `width`. */
export function table(
  rows: readonly string[][],
  { width, rightAligned }: { width: number; rightAligned: readonly number[] },
): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        rightAligned.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${cut(line(row), width)}\n`).join('');
}

/** Lines of at most `width`, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/**
 * JSON for programs that is harmless on a terminal too: JSON itself escapes C0 only, and C1 begins escape
 * sequences as well.
 */
export const toJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => line.replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .join('\n')}\n`;

/** Ends a line that says what could not be removed: what a person may do about it. */
export const wayOut = (hint: string): string =>
  hint === '' ? '; the next reaper tries again' : `; try: ${hint}`;
