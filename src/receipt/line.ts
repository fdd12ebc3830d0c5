// A receipt as a line, shorter than a page, so that one write(2) appends all of it. Long texts and lists are
// cut, and `cut` says so. Pure.
import { CONTROLS } from '../options.js';
import type { Receipt } from './receipt.js';

/** A line has fewer bytes than this, its end included. */
export const MAX_LINE_BYTES = 4096;

export function lineOf(receipt: Receipt): string {
  let line = '';
  for (const [texts, items] of LIMITS) {
    line = asLine(cutTo(receipt, { texts, items }));
    if (Buffer.byteLength(line) < MAX_LINE_BYTES) break;
  }
  return line;
}

interface Limit {
  texts: number;
  items: number;
}

function cutTo(receipt: Receipt, limit: Limit): object {
  const lists = Object.entries(receipt).filter((field): field is [string, unknown[]] =>
    Array.isArray(field[1]),
  );
  const long = lists.filter(([, items]) => items.length > limit.items);
  const counts = Object.fromEntries(long.map(([name, items]) => [name, items.length]));
  return {
    ...(shorten(receipt, limit) as object),
    // An empty list is left out.
    ...Object.fromEntries(lists.flatMap(([name, items]) => (items.length === 0 ? [[name, undefined]] : []))),
    ...(long.length > 0 ? { cut: { ...receipt.cut, ...counts } } : {}),
  };
}

function shorten(value: unknown, limit: Limit): unknown {
  if (typeof value === 'string') return cut(value, limit.texts);
  if (Array.isArray(value)) return value.slice(0, limit.items).map((item) => shorten(item, limit));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shorten(field, limit)]));
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** Harmless also where the file itself is shown on a terminal. */
const asLine = (value: object): string => `${JSON.stringify(value).replace(CONTROLS, escaped)}\n`;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The last one holds in any case: ids, times, and the paths of roots and TMPDIRs fit into its texts. */
const LIMITS = [
  [512, 32],
  [256, 16],
  [128, 8],
  [96, 4],
  [64, 2],
  [64, 0],
] as const;
