// All sessions there are, as data: what `qw-tmp list --json` prints.
import { isoTime } from '../clock.js';
import type { Remaining } from '../end/remaining.js';
import type { Owner } from '../lease/lease.js';
import {
  checkString,
  type Duration,
  parseNames,
  resolveMaxAge,
  resolveWork,
  type WorkChoice,
} from '../options.js';
import { askForRoots } from '../process/ask-mounts.js';
import type { ProcessIdentity } from '../process/identity.js';
import { tmpDir } from '../root/layout.js';
import type { Unseen } from '../root/mute.js';
import { existingRoots, unseenRoots } from '../root/roots.js';
import { type Headroom, headroomOf } from '../space/headroom.js';
import { asKeptWork, type KeptWork } from '../work/kept-work.js';
import { type Candidate, candidates } from './candidates.js';
import type { SessionState } from './judge.js';
import { closedSessions } from './places.js';

export interface ListOptions {
  /** Only this root; default every root that may hold sessions. */
  root?: string | undefined;
  /** Age at which what nobody owns counts as stale. Default 72h. */
  maxAge?: Duration | undefined;
  /** So long without a sign of life, and the helper process counts as hung. Default 2m. */
  deadline?: Duration | undefined;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export interface SessionInfo {
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
  bytes: number;
  entries: number;
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
  /** Roots and sessions on mounts that are not asked, since they do not answer or may not. */
  unseen: Unseen[];
}

/** What a list is made from: checked, and plain data. */
export interface ListRequest {
  root?: string | undefined;
  maxAgeMs: number;
  spare: string[];
  work: WorkChoice;
  /** Variables by which roots are found. */
  env: NodeJS.ProcessEnv;
}

/** @throws QwRunError `ERR_QW_USAGE` */
export function resolveList({ root, maxAge, env = process.env }: ListOptions): ListRequest {
  checkString('root', root);
  const maxAgeMs = resolveMaxAge(maxAge, env);
  return { root, maxAgeMs, spare: parseNames(env['QW_SPARE']), work: resolveWork(env), env };
}

/**
 * Lists the sessions under all known roots, oldest first.
 * @throws QwRunError when `root` is given and unsafe
 */
export async function listNow({ env, root, ...request }: ListRequest): Promise<SessionList> {
  await askForRoots(env, root);
  const roots = existingRoots(env, root ?? undefined);
  const found = await candidates({ ...request, roots, wantsSizes: true });
  const sessions = found.map(describe).sort(byAge);
  const headroom = roots.flatMap((one) => {
    const room = headroomOf(one);
    return room ? [{ root: one, ...room }] : [];
  });
  const unseen = [...unseenRoots(env, root), ...closedSessions(roots).flatMap(({ failed }) => failed)];
  return { version: 1, roots, sessions, headroom, unseen };
}

/** T was empty when the session was opened: that is the first look, this is the second. */
export function growthPerMinute({
  state,
  bytes,
  ageMs,
}: {
  state: SessionState;
  bytes: number;
  ageMs: number;
}): number | null {
  const isAtWork = state === 'live' || state === 'held';
  return isAtWork && ageMs >= MINUTE_MS ? Math.round((bytes * MINUTE_MS) / ageMs) : null;
}

function describe({ id, root, dir, found, state, reason, remaining, size, work }: Candidate): SessionInfo {
  const lease = found.kind === 'good' ? found.lease : undefined;
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
    lastActivity: size && size.newestAt > 0 ? isoTime(size.newestAt) : null,
    bytes: size?.bytes ?? 0,
    entries: size?.entries ?? 0,
    growthPerMinute: growthPerMinute({
      state,
      bytes: size?.bytes ?? 0,
      ageMs: Date.now() - Date.parse(lease?.createdAt ?? ''),
    }),
    holders: remaining,
    work: work.map(asKeptWork),
  };
}

/** Not by localeCompare(): that loads what Node knows of languages, 10 ms. */
const byAge = ({ createdAt: a }: SessionInfo, { createdAt: b }: SessionInfo): number =>
  (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''));

const MINUTE_MS = 60_000;
