// Parses a line of the log. Agents have our uid and can write there: so every field is checked, and a torn or
// forged line, or one of another version, is no receipt. No decision depends on a receipt. Pure.
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
import { SESSION_ID } from '../root/layout.js';
import { MAX_LINE_BYTES } from './line.js';
import { NOTHING, type Receipt } from './receipt.js';

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
