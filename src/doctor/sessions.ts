// What is in the managed roots: sessions by state with their sizes, the trash, and times that cannot be
// right. Read-only, and no longer than there is time: sizes that are not whole say so.

import { join } from 'node:path';
import { isoTime } from '../clock.js';
import { attempt, fs } from '../fs.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import type { SessionState } from '../judge/judge.js';
import { namesIn } from '../names.js';
import { trashDir } from '../root/layout.js';
import { isSessionClaim } from '../take/dead-claims.js';
import { measure } from '../tree/measure.js';
import { type Size, sizeOf } from './size.js';

export interface SessionSight {
  id: string;
  root: string;
  label: string | null;
  state: SessionState;
  reason: string;
  size: Size;
  /** Its lease or a file in it is from the future (ISO 8601): a clock was set, and age means nothing. */
  fromFuture: string | null;
}

export interface TrashSight {
  root: string;
  /** Trees in it that are not removed yet. */
  count: number;
  size: Size;
  /** When qw-run's own pass was here last, ISO 8601. */
  lastPassAt: string | null;
}

export interface SessionsInput {
  roots: readonly string[];
  maxAgeMs: number;
  spare: readonly string[];
  /** As monotonicMs() has it. */
  until: number;
}

export async function examineSessions(
  input: SessionsInput,
): Promise<{ sessions: SessionSight[]; trash: TrashSight[] }> {
  const found = await candidates({ ...input, wantsSizes: true });
  const trash: TrashSight[] = [];
  for (const root of input.roots) trash.push(await examineTrash(root, input.until));
  return { sessions: found.map((session) => describe(session, Date.now())), trash };
}

function describe({ id, root, found, state, reason, size }: Candidate, now: number): SessionSight {
  const lease = found.kind === 'good' ? found : undefined;
  const newest = Math.max(size?.newestAt ?? 0, lease?.heartbeatAt ?? 0);
  return {
    id,
    root,
    label: lease?.lease.label ?? null,
    state,
    reason,
    size: sizeOf(size),
    fromFuture: newest > now + CLOCK_SLACK_MS ? isoTime(newest) : null,
  };
}

async function examineTrash(root: string, until: number): Promise<TrashSight> {
  const dir = trashDir(root);
  // A link in its place leads to what is not ours.
  const names = attempt(() => fs.lstatSync(dir))?.isDirectory()
    ? (attempt(() => namesIn(dir, isSessionClaim)) ?? [])
    : [];
  const size = names.length > 0 ? await measure(dir, { until }) : undefined;
  const stamp = attempt(() => fs.lstatSync(join(root, '.reaped')));
  return {
    root,
    count: names.length,
    size: sizeOf(size),
    lastPassAt: stamp ? stamp.mtime.toISOString() : null,
  };
}

const CLOCK_SLACK_MS = 60_000;
