// What is in the managed roots: sessions by state with their sizes, the trash, and times that cannot be
// right. Read-only, and no longer than there is time: sizes that are not whole say so.
import { join } from 'node:path';
import { isoTime } from '../clock.js';
import { attempt, fs } from '../fs.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import type { SessionState } from '../judge/judge.js';
import { namesIn } from '../names.js';
import { trashDir } from '../root/layout.js';
import { isInMemory } from '../root/mounts.js';
import { plural } from '../space/format-bytes.js';
import { isSessionClaim } from '../take/dead-claims.js';
import { measure } from '../tree/measure.js';
import { type Finding, type FindingCode, note, warning } from './finding.js';
import type { RootFacts } from './roots.js';
import { formatSizes, type Size, sizeOf } from './size.js';

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
  const isThere = attempt(() => fs.lstatSync(dir))?.isDirectory();
  const names = (isThere && attempt(() => namesIn(dir, isSessionClaim))) || [];
  const size = names.length > 0 ? await measure(dir, { until }) : undefined;
  const stamp = attempt(() => fs.lstatSync(join(root, '.reaped')));
  return {
    root,
    count: names.length,
    size: sizeOf(size),
    lastPassAt: stamp ? stamp.mtime.toISOString() : null,
  };
}

interface Sights {
  sessions: readonly SessionSight[];
  trash: readonly TrashSight[];
  roots: readonly RootFacts[];
  /** With each qw-run. */
  isReaping: boolean;
}

/** Pure. */
export function* sessionFindings({ sessions, trash, roots, isReaping }: Sights): Iterable<Finding> {
  const of = (state: SessionState) => sessions.filter((session) => session.state === state);
  const isForWork = ({ reason }: SessionSight) => reason === 'worktree';
  const worked = of('kept').filter(isForWork);
  const inMemory = roots.filter(isInMemory).map(({ path }) => path);
  const isAnyInMemory = worked.some(({ root }) => inMemory.includes(root));
  const way = isReaping ? ': the next qw-run removes them' : ", and qw-run's own reaper is off";
  yield* all(isReaping ? note : warning, 'orphan', of('orphan'), (what) => ({
    text: `${what} of dead owners${way}`,
    command: 'qw-tmp reap',
  }));
  const idle = of('live').filter(({ reason }) => reason === 'agent-gone');
  yield* all(warning, 'agent-gone', idle, (what, ids) => ({
    text: `${what} whose agent is gone: the server that opened them has not ended them`,
    command: `qw-tmp rm --force ${ids}`,
  }));
  yield* all(note, 'held', of('held'), (what) => ({
    text: `${what} without an owner, still in use: they go when nobody uses them (qw-tmp list shows who)`,
    command: 'qw-tmp reap --orphans end',
  }));
  const asked = of('kept').filter((session) => !isForWork(session));
  yield* all(note, 'kept', asked, (what, ids) => ({
    text: `${what} kept on request`,
    command: `qw-tmp rm ${ids}`,
  }));
  yield* all(isAnyInMemory ? warning : note, 'worktree', worked, (what) => ({
    text: `${what} kept for the git worktrees in them${isAnyInMemory ? IN_MEMORY : ''}`,
    command: 'qw-tmp list',
  }));
  yield* all(note, 'unknown-session', of('unknown'), (what, ids) => ({
    text: `${what} without a lease that can be read: kept until they are old`,
    command: `qw-tmp rm --force ${ids}`,
  }));
  yield* clockFindings(sessions);
  yield* trashFindings(trash);
}

/** One finding for all sessions of a kind; none for none. */
function* all(
  say: typeof note,
  code: FindingCode,
  sessions: readonly SessionSight[],
  words: (what: string, ids: string) => { text: string; command: string },
): Iterable<Finding> {
  const ids = sessions.map(({ id }) => id).join(' ');
  const sizes = formatSizes(sessions.map(({ size }) => size));
  if (ids !== '') yield say(code, ids, words(`${plural(sessions.length, 'session')} (${sizes})`, ids));
}

/**
 * An age below zero keeps what nobody owns until the clock has caught up. A foreign one may live: nobody
 * removes that.
 */
function* clockFindings(sessions: readonly SessionSight[]): Iterable<Finding> {
  for (const { id, state, fromFuture } of sessions) {
    if (fromFuture === null) continue;
    const say = state === 'foreign' || state === 'unknown' ? warning : note;
    yield say('from-future', id, {
      text: `its newest time is ${fromFuture}: a clock was set; until then its age says nothing`,
      command: state === 'unknown' ? `qw-tmp rm --force ${id}` : 'date',
    });
  }
}

function* trashFindings(trash: readonly TrashSight[]): Iterable<Finding> {
  const left = trash.filter(({ count }) => count > 0);
  const sizes = formatSizes(left.map(({ size }) => size));
  if (left.length > 0)
    yield note('trash', left.map(({ root }) => root).join(', '), {
      text: `${sizes} in the trash, left by a remover that died or may not remove it`,
      command: 'qw-tmp reap',
    });
}

const IN_MEMORY = ', in memory: at the next boot they are gone';
const CLOCK_SLACK_MS = 60_000;
