// A receipt as a line, shorter than a page, so that one write(2) appends all of it. Long texts and lists are
// cut, and `cut` says so. Agents have our uid and can write there: so every field is checked when it is read,
// and a torn or forged line, or one of another version, is no receipt. No decision depends on one. Pure.
import {
  type Check,
  count,
  flag,
  fromJson,
  isRecord,
  listOf,
  matching,
  maybe,
  orNull,
  record,
  text,
  time,
  word,
} from '../checks.js';
import { isAgentExit } from '../end/end-report.js';
import { CONTROLS, cut } from '../quote.js';
import { SESSION_ID } from '../root/layout.js';
import { NOTHING, type Receipt } from './receipt.js';

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

/** The receipt in `line`; undefined when it is none. */
export function parseReceipt(line: string): Receipt | undefined {
  if (line.length >= MAX_LINE_BYTES) return undefined;
  const value = fromJson(line);
  if (isPass(value)) return { ...NO_PASS, ...(value as object) } as unknown as Receipt;
  return isSession(value) ? ({ ...NOTHING, ...(value as object) } as unknown as Receipt) : undefined;
}

const list = (check: Check): Check => maybe(listOf(check));
const process = { pid: count, name: text, evidence: text };
const place = { path: text, bytes: count };
const failures = list(record({ path: text, reason: text, hint: text }));
const remaining = list(record({ ...process, why: text, holds: list(text), reason: text }));
const written = {
  version: word(1),
  at: time,
  by: word('owner', 'watchdog', 'reaper', 'rm', 'launcher'),
  cut: maybe((value) => isRecord(value) && Object.values(value).every(count)),
  failed: failures,
};

const isSession = record({
  ...written,
  kind: word('session'),
  id: matching(SESSION_ID),
  root: text,
  tmpdir: text,
  state: word('removed', 'held', 'kept', 'failed'),
  label: maybe(text),
  backend: maybe(text),
  command: list(text),
  cwd: maybe(text),
  parent: maybe(text),
  agent: maybe(count),
  owner: maybe(count),
  openedAt: maybe(time),
  durationMs: maybe(count),
  exit: maybe(isAgentExit),
  reason: maybe(text),
  peak: maybe(record({ bytes: count, entries: count })),
  bytes: maybe(count),
  entries: maybe(count),
  isGone: maybe(flag),
  ended: list(record({ ...process, ports: list(count) })),
  left: remaining,
  runsOn: remaining,
  work: list(record({ path: text, kind: text, branch: orNull(text), repository: orNull(text) })),
  repositories: list(record({ path: text, branch: orNull(text) })),
  largest: list(record({ ...place, isPartial: flag })),
  lastPressure: maybe(record({ code: text, at: time, limitBytes: maybe(count) })),
  warnings: list(text),
});

const isPass = record({
  ...written,
  kind: word('pass'),
  roots: list(text),
  removed: count,
  swept: list(record({ ...place, reason: text, entries: count })),
  pressure: list(record({ place: text, cause: text, ageMs: count, bytes: count, isEnough: flag })),
  bytes: count,
  entries: count,
  ms: count,
});

const NO_PASS = { roots: [], swept: [], pressure: [], failed: [] };
