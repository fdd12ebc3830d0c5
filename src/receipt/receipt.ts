// What became of a session, or of a pass of the reaper, as it is written down: one line of the log. A
// session's receipt is the `EndReport` of its end, with who ended it and what its lease said.
import { isoTime } from '../clock.js';
import type { AgentExit, EndReport } from '../end/end-report.js';
import type { Release } from '../end/release.js';
import type { Lease } from '../lease/lease.js';
import type { Failure } from '../remove/failure.js';
import { tmpDir } from '../root/layout.js';
import type { Pressure } from '../space/probe.js';
import { UNFINISHED } from '../take/dead-claims.js';
import type { Size } from '../tree/reclaimable.js';

/**
 * Who ended it: the process that opened the session, or one of those that come after its death; the launcher
 * where none could be opened.
 */
export type ReceiptBy = 'owner' | 'watchdog' | 'reaper' | 'rm' | 'launcher';

interface Written {
  version: 1;
  /** When it was written, ISO 8601. */
  at: string;
  by: ReceiptBy;
  /** How long the lists were that had to be cut, by name. */
  cut?: Record<string, number>;
}

/**
 * The end of a session. `work`: what stays of it where `state` is `kept`, else what went with it. Its size:
 * what went, where that was measured anyway.
 */
export interface SessionReceipt extends Written, EndReport, Partial<Size> {
  kind: 'session';
  root: string;
  label?: string;
  backend?: string;
  command?: string[];
  cwd?: string;
  /** The session that it was opened in. */
  parent?: string;
  /** Pids, of that time: numbers are used again. */
  agent?: number;
  owner?: number;
  /** ISO 8601. */
  openedAt?: string;
  /** Where its owner ended it: by a clock that nobody sets. */
  durationMs?: number;
  /** How the agent ended, where its owner says so. */
  exit?: AgentExit;
  /** Why it was removed or kept, in a word. */
  reason?: string;
  /** The most that was seen of it while it lived, by whoever measured it anyway. */
  peak?: Size;
}

/** A pass of the reaper that removed something. Its sessions have receipts of their own. */
export interface PassReceipt extends Written, Size {
  kind: 'pass';
  roots: string[];
  /** How many sessions went. */
  removed: number;
  /** What was removed inside of living sessions, and of what agents left elsewhere. */
  swept: ({ path: string; reason: string } & Size)[];
  /** What was done because a file system was short of room. */
  pressure: { place: string; cause: string; ageMs: number; bytes: number; isEnough: boolean }[];
  failed: Failure[];
  ms: number;
}

export type Receipt = SessionReceipt | PassReceipt;

/** What became of one session. */
export interface SessionEnd {
  session: Pick<SessionReceipt, 'id' | 'root'> & {
    dir: string;
    /** Its lease, where it has a good one. */
    found?: { lease?: Lease | undefined };
    lastPressure?: Pressure | undefined;
  };
  end: Partial<EndReport> & Pick<Release, 'state'>;
  more?: { [Field in More]?: SessionReceipt[Field] | undefined } | undefined;
}

type More = 'durationMs' | 'exit' | 'reason' | 'bytes' | 'entries' | 'peak';

/** The receipt of an end, now. What is not known is left out. */
export function sessionReceipt(by: ReceiptBy, { session, end, more = {} }: SessionEnd): SessionReceipt {
  const { id, root, dir, found, lastPressure } = session;
  const reason = more.reason ?? reasonOf(end);
  return {
    version: 1,
    kind: 'session',
    at: isoTime(Date.now()),
    by,
    root,
    ...(found?.lease ? ofLease(found.lease) : {}),
    ...NOTHING,
    tmpdir: tmpDir(dir),
    ...end,
    ...(lastPressure && { lastPressure }),
    id,
    ...defined(more),
    ...(reason === undefined ? {} : { reason }),
  };
}

const ofLease = ({ label, backend, command, cwd, parent, createdAt, agent, owner }: Lease) => ({
  ...defined({ label, parent, cwd: cwd || undefined, command: command.length > 0 ? command : undefined }),
  ...(agent ? { agent: agent.pid } : {}),
  owner: owner.pid,
  backend,
  openedAt: createdAt,
});

/** What the state alone does not say. */
export function reasonOf({ state, work = [], isGone }: SessionEnd['end']): string | undefined {
  if (isGone) return 'gone';
  if (state === 'kept') return work.length > 0 ? 'worktree' : 'kept-on-request';
  return state === 'held' ? 'in-use' : undefined;
}

/**
 * Whether a receipt says more than the `last` one of its session. One that is kept for days is looked at each
 * hour; one whose removal a dead process had begun may have its receipt. A removal is news in any other case.
 * Pure.
 */
export function isNews(receipt: SessionReceipt, last: SessionReceipt | undefined): boolean {
  if (!last) return true;
  const { state, reason, ended } = receipt;
  if (reason === UNFINISHED) return last.state !== 'removed';
  return state === 'removed' || ended.length > 0 || state !== last.state || reason !== last.reason;
}

export const isSession = (receipt: Receipt): receipt is SessionReceipt => receipt.kind === 'session';

/** The lists of an end at which nothing happened. */
export const NOTHING = { ended: [], left: [], runsOn: [], failed: [], work: [], largest: [] };

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
