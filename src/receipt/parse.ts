// Parses a line of the log. Agents have our uid and can write there: so every field is checked, and a torn or
// forged line, or one of another version, is no receipt. No decision depends on a receipt. Pure.
import { SESSION_ID } from '../root/layout.js';
import { MAX_LINE_BYTES } from './line.js';
import { NOTHING, type Receipt } from './receipt.js';

/** The receipt in `line`; undefined when it is none. */
export function parseReceipt(line: string): Receipt | undefined {
  if (line.length >= MAX_LINE_BYTES) return undefined;
  const value = parsed(line);
  if (isPass(value)) return { ...NO_PASS, ...(value as object) } as unknown as Receipt;
  return isSession(value) ? ({ ...NOTHING, ...(value as object) } as unknown as Receipt) : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

type Check = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text: Check = (value) => typeof value === 'string';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check = (value) => typeof value === 'boolean';
const time: Check = (value) => text(value) && Number.isFinite(Date.parse(value as string));
const id: Check = (value) => text(value) && SESSION_ID.test(value as string);
const word =
  (...words: unknown[]): Check =>
  (value) =>
    words.includes(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const list = (check: Check): Check => maybe((value) => Array.isArray(value) && value.every(check));
const record =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

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
  id,
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
  exit: maybe(record({ code: orNull(count), signal: orNull(text) })),
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
