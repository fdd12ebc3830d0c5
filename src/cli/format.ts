// Figures, tables and repeated words for people. Pure.
import { isoTime } from '../clock.js';
import { CONTROLS, printable } from '../quote.js';

export { formatBytes, plural, withCommas } from '../space/format-bytes.js';

/** The bytes of all of them. */
export const sumBytes = (those: readonly { bytes: number }[]): number =>
  those.reduce((sum, { bytes }) => sum + bytes, 0);

/** `45s`, `12m`, `3h`, `2d`; an age below zero (the clock jumped) is `0s`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** How long ago that was. */
export const formatSince = (at: string): string => formatAge(Date.now() - Date.parse(at));

/** `2026-11-29 11:02 UTC`. */
export const formatTime = (at: string): string =>
  `${isoTime(Date.parse(at)).slice(0, 16).replace('T', ' ')} UTC`;

export interface TableOptions {
  width: number;
  /** Columns, by number. */
  rightAligned?: readonly number[];
}

/** Columns two spaces apart, the last one cut at `width`; no cell reaches a terminal raw. */
export function table(cells: readonly string[][], { width, rightAligned = [] }: TableOptions): string {
  const rows = cells.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const pad = (cell: string, at: number) =>
    rightAligned.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
  return rows.map((row) => `${cut(row.map(pad).join('  ').trimEnd(), width)}\n`).join('');
}

/** Lines of at most `width`, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line ? `${line} ${word}` : word;
    if (line === undefined || (line !== '' && longer.length > width)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** With an ellipsis in the place of what does not fit. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/**
 * JSON for programs that is harmless on a terminal too: JSON itself escapes C0 only, and C1 begins escape
 * sequences as well.
 */
export function toJson(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const lines = JSON.stringify(value, null, 2).split('\n');
  return lines.map((line) => `${line.replace(CONTROLS, escaped)}\n`).join('');
}

/** Ends a line about something that could not be removed: what a person can do. */
export const wayOut = (hint: string): string =>
  hint === '' ? '; the next reaper tries again' : `; try: ${hint}`;
