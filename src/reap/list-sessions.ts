// All sessions there are, as data: what `qw-tmp list --json` prints.
import { isoTime } from '../clock.js';
import type { Remaining } from '../end/remaining.js';
import type { Failure } from '../errors.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import { ownSize } from '../judge/facts.js';
import type { SessionState } from '../judge/judge.js';
import { closedSessions, rootsToLookIn } from '../judge/session-dirs.js';
import type { Owner } from '../lease/lease.js';
import { type Duration, type Policy, policyOf } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import type { ProcessIdentity } from '../process/identity.js';
import { printable } from '../quote.js';
import { readLog } from '../receipt/log.js';
import { isSession, type Receipt, type SessionReceipt } from '../receipt/receipt.js';
import { outcomeText } from '../receipt/words.js';
import { tmpDir } from '../root/layout.js';
import { unseenRoots } from '../root/roots.js';
import { wantedStateDir } from '../root/state.js';
import { type Headroom, headroomOf } from '../space/headroom.js';
import type { Size } from '../tree/reclaimable.js';
import { asKeptWork, type KeptWork } from '../work/kept-work.js';
import type { PlaceOptions } from './places.js';

export interface ListOptions extends PlaceOptions {
  /** Age at which what nobody owns counts as stale. Default 72h. */
  maxAge?: Duration | undefined;
}

export interface SessionInfo extends Size {
  id: string;
  label: string | null;
  backend: string | null;
  state: SessionState;
  reason: string;
  root: string;
  dir: string;
  tmpdir: string;
  command: string[];
  owner: Owner | null;
  agent: ProcessIdentity | null;
  /** Its TMPDIR is in a mount namespace of its own. */
  isolate: { mode: 'tmpfs' | 'tmp'; sizeBytes: number | null } | null;
  /** ISO 8601. */
  createdAt: string | null;
  /** Newest time of a file in it, ISO 8601. */
  lastActivity: string | null;
  /** Bytes a minute, on average since it was opened; null unless it is at work, and in its first minute. */
  growthPerMinute: number | null;
  holders: Remaining[];
  /** Worktrees and repositories in it that are not temp; looked for where nobody owns or uses it. */
  work: KeptWork[];
}

export interface SessionList {
  version: 1;
  roots: string[];
  sessions: SessionInfo[];
  /** What is left of each root's file system. A user's quota is not in there. */
  headroom: ({ root: string } & Headroom)[];
  /** Roots and sessions on mounts that do not answer, or may never. */
  unseen: Failure[];
  /** What happened in the last days to sessions whose owner was dead, newest last. */
  lately: Lately[];
}

/** What happened to a session, in words. */
export interface Lately {
  /** ISO 8601. */
  at: string;
  by: SessionReceipt['by'];
  id: string;
  text: string;
}

/** Checked, and plain data. */
export interface ListRequest extends Policy {
  root?: string | undefined;
  /** Variables by which roots are found. */
  env: NodeJS.ProcessEnv;
}

/** @throws QwRunError `ERR_QW_USAGE` */
export function resolveList({ root, maxAge, env = process.env }: ListOptions): ListRequest {
  return { root, env, ...policyOf(env, maxAge) };
}

/**
 * Lists the sessions under all known roots, oldest first.
 * @throws QwRunError when `root` is given and unsafe
 */
export async function listNow({ env, root, ...request }: ListRequest): Promise<SessionList> {
  const roots = await rootsToLookIn(env, root);
  const found = await candidates({ ...request, roots, wantsSizes: true });
  const sessions = found.map(sessionInfo).sort(byAge);
  const headroom = roots.flatMap((one) => {
    const room = headroomOf(one);
    return room ? [{ root: one, ...room }] : [];
  });
  const unseen = [...unseenRoots(env, root), ...closedSessions(roots).flatMap(({ failed }) => failed)];
  await askMounts([wantedStateDir(env)]);
  return { version: 1, roots, sessions, headroom, unseen, lately: latelyIn(readLog(env, LATELY_BYTES)) };
}

/** Of sessions whose owner was dead: nobody saw them end. Not a plain end, as each has in exec mode. */
const latelyIn = (receipts: readonly Receipt[]): Lately[] =>
  receipts
    .filter(isSession)
    .filter(({ by, at }) => WITHOUT_OWNER.has(by) && Date.now() - Date.parse(at) < LATELY_MS)
    .filter(({ state, reason, ended }) => state !== 'removed' || reason !== undefined || ended.length > 0)
    .slice(-MOST_LATELY)
    .map((receipt) => {
      const { at, by, id } = receipt;
      return { at, by, id, text: printable(outcomeText(receipt)).slice(0, MAX_TEXT) };
    });

const WITHOUT_OWNER: ReadonlySet<SessionReceipt['by']> = new Set(['watchdog', 'reaper']);

/** Bytes a minute since the session was opened: its TMPDIR was empty then. */
export function growthPerMinute(state: SessionState, bytes: number, ageMs: number): number | null {
  const isAtWork = state === 'live' || state === 'held';
  return isAtWork && ageMs >= MINUTE_MS ? Math.round((bytes * MINUTE_MS) / ageMs) : null;
}

export function sessionInfo(candidate: Candidate): SessionInfo {
  const { id, root, dir, state, reason, size } = candidate;
  const { lease } = candidate.found;
  const own = ownSize(dir);
  const { bytes, entries, newestAt } = size ?? { bytes: 0, entries: 0, newestAt: 0 };
  return {
    id,
    label: lease?.label ?? null,
    backend: lease?.backend ?? null,
    state,
    reason,
    root,
    dir,
    tmpdir: tmpDir(dir),
    command: lease?.command ?? [],
    owner: lease?.owner ?? null,
    agent: lease?.agent ?? null,
    isolate: lease?.isolate ? { mode: lease.isolate.mode, sizeBytes: lease.isolate.sizeBytes ?? null } : null,
    createdAt: lease?.createdAt ?? null,
    lastActivity: newestAt > 0 ? isoTime(newestAt) : null,
    bytes: own.bytes + bytes,
    entries: own.entries + entries,
    growthPerMinute: growthPerMinute(state, bytes, Date.now() - Date.parse(lease?.createdAt ?? '')),
    holders: candidate.remaining,
    work: candidate.work.map(asKeptWork),
  };
}

/** Not by localeCompare(): that loads Node's language data, 10 ms. */
const byAge = ({ createdAt: a }: SessionInfo, { createdAt: b }: SessionInfo): number =>
  (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''));

const MINUTE_MS = 60_000;
const LATELY_MS = 3 * 86_400_000;
const LATELY_BYTES = 256 * 1024;
const MOST_LATELY = 100;
const MAX_TEXT = 500;
