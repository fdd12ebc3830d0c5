// A receipt as a line, shorter than a page, so that one write(2) appends all of it. Long texts and lists are
// cut, and `cut` says so. Pure.
import { CONTROLS } from '../options.js';
import type { Receipt } from './receipt.js';

/** A line has fewer bytes than this, its end included. */
export const MAX_LINE_BYTES = 4096;

export function lineOf(receipt: Receipt): string {
  for (const limit of LIMITS) {
    const line = asLine(cutTo(receipt, limit));
    if (Buffer.byteLength(line) < MAX_LINE_BYTES) return line;
  }
  return asLine(cutTo(receipt, { texts: SHORTEST, items: 0 }));
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

/** Ids, times, and the paths of roots and TMPDIRs fit into the shortest text. */
const SHORTEST = 64;
const LIMITS: readonly Limit[] = [
  { texts: 512, items: 32 },
  { texts: 256, items: 16 },
  { texts: 128, items: 8 },
  { texts: 96, items: 4 },
  { texts: SHORTEST, items: 2 },
];
