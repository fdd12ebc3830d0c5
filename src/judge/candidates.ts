// The sessions under some roots, each with its lease, its verdict and who uses it. All share one look at the
// processes.
import { newYielder } from '../clock.js';
import { occupantsIn } from '../end/occupants.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { type Remaining, remaining } from '../end/remaining.js';
import { copyOut } from '../isolate/copy-out.js';
import { agentOf, clockOf, type Here, here } from '../lease/owner.js';
import type { Policy } from '../options.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import { ageIn, WALL_CLOCK } from '../process/session-clock.js';
import { NO_LOOK, type ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { tmpDir } from '../root/layout.js';
import { type Mount, readMounts } from '../root/mounts.js';
import type { Pressure } from '../space/probe.js';
import { asBefore } from '../take/as-before.js';
import { isGone } from '../tree/directory.js';
import type { Measure } from '../tree/measure.js';
import { findWork } from '../work/find-work.js';
import type { Work } from '../work/work.js';
import {
  isAgeAsked,
  lastSeen,
  newestIn,
  pressureIn,
  type SizeOptions,
  seesUsers,
  sizeIn,
  stranger,
} from './facts.js';
import { judge, type SessionFacts, type Verdict } from './judge.js';
import { endLeftKeepers, isToBeCopied, leftKeeper, pathInside } from './left-keepers.js';
import { type FoundSession, withBegunEnds, withOwners } from './owners.js';
import { type SessionDir, sessionsUnder } from './session-dirs.js';

export interface Candidate extends Verdict, Omit<FoundSession, 'owner' | 'isLocked'> {
  remaining: Remaining[];
  /** Somebody whom we cannot see may use it, too. */
  mayHaveMore: boolean;
  /** Worktrees and repositories in it that are not temp; looked for where nobody owns or uses it. */
  work: Work[];
  /** Of its TMPDIR; measured where sizes were wanted or the verdict depends on it. */
  size: Measure | undefined;
  /** Newest file or heartbeat, ms since 1970; where the verdict may depend on it. */
  lastUsedAt: number | undefined;
  /** Its keeper, where what is to be kept is still in memory. */
  waiting: ProcessIdentity | undefined;
  /** Its disk was full while it lived. Read here: it goes with the session. */
  lastPressure: Pressure | undefined;
  /** What is needed to end it. */
  releaseOptions: ReleaseOptions;
}

export interface CandidateOptions extends SizeOptions, Policy {
  roots: readonly string[];
  /** Only these sessions; default all. */
  wants?(session: FoundSession): boolean;
  /** Kill the keepers that dead owners left, before the verdict. */
  endsKeepers?: boolean;
  /** When owner and agent were last seen alive, where that is known better than by the heartbeat. */
  lastSeenAt?: number;
}

/** Judges the sessions under `roots`. */
export const candidates = async (options: CandidateOptions): Promise<Candidate[]> =>
  judgeSessions(await sessionsUnder(options.roots), options);

/** The same for known `sessions`; one in the trash is judged as if it were in its place. */
export async function judgeSessions(
  sessions: readonly SessionDir[],
  options: CandidateOptions,
): Promise<Candidate[]> {
  const now = here();
  const { wants = () => true } = options;
  const wanted = (await withOwners(sessions, now)).filter(wants);
  const look = { now, table: await tableFor(wanted, options), mounts: readMounts() };
  const yielder = newYielder();
  const results: Candidate[] = [];
  for (const session of wanted) {
    results.push(await judgeOne(session, look, options));
    if (!yielder.isDue()) continue;
    await yielder.yield();
    look.mounts = readMounts(); // somebody may have mounted something meanwhile
  }
  return (await withBegunEnds(results)).filter(({ at }) => !isGone(at));
}

async function tableFor(
  wanted: readonly FoundSession[],
  { roots, endsKeepers = false }: CandidateOptions,
): Promise<ProcessTable> {
  if (wanted.length === 0) return NO_LOOK;
  const moved = wanted.filter(({ at, dir }) => at !== dir);
  const watch = { roots, dirs: new Set(moved.map(({ at }) => at)) };
  const table = asBefore(await takeTable(watch), moved);
  const isAnyEnded = endsKeepers && (await endLeftKeepers(wanted, table));
  return isAnyEnded ? asBefore(await takeTable(watch), moved) : table;
}

/** What all of them are judged by. */
interface Look {
  now: Here;
  table: ProcessTable;
  mounts: readonly Mount[];
}

async function judgeOne(session: FoundSession, look: Look, options: CandidateOptions): Promise<Candidate> {
  const { now, table, mounts } = look;
  const { maxAgeMs, until } = options;
  const { id, root, dir, at, found, owner, isLocked } = session;
  const asked = sizeIn(session, table, options, mounts);
  const size = asked && (await asked);
  const waiting = isToBeCopied(session) ? leftKeeper(session, table) : undefined;
  const releaseOptions = releaseOptionsOf(session, waiting, look, options);
  const { lease, clock } = releaseOptions;
  const ageOf = (time: number) => ageIn(clock, Date.now() - time);
  const agent = agentOf(lease, now);
  // Only shown: the agent can write the lease, so the agent named there is never signalled on its word.
  const shown = owner === 'alive' ? { agent } : {};
  const users = remaining(occupantsIn(table, { ...releaseOptions, ...shown }), dir);
  const sees = seesUsers(table, options);
  const newestAt = size && isAgeAsked(session, sees) ? newestIn(size, session) : undefined;
  const facts: SessionFacts = {
    lease: found.kind,
    isKept: lease.kept !== undefined,
    isKeptInPart: lease.kept?.missing !== undefined,
    isEnding: lease.ending !== undefined,
    isToBeKept: lease.keep === true,
    owner,
    isLocked,
    agent: stateOf(agent, table),
    occupants: users.length > 0 || sees ? users.length : undefined,
    heartbeatAgeMs: found.heartbeatAt === undefined ? Infinity : ageOf(found.heartbeatAt),
    newestAgeMs: newestAt === undefined ? undefined : ageOf(newestAt),
  };
  const candidate = {
    ...{ id, root, dir, at, found, size, waiting, releaseOptions, work: [] },
    ...{ remaining: users, mayHaveMore: !sees },
    lastUsedAt: newestAt && Date.now() - ageOf(Math.max(newestAt, found.heartbeatAt ?? 0)),
    lastPressure: pressureIn(at, lease),
    ...judge(facts, { maxAgeMs }),
  };
  if (candidate.state !== 'orphan' || options.work === 'remove') return candidate;
  // Where not all of it can be seen, the road to removal keeps it.
  const { work } = await findWork(tmpDir(at), until === undefined ? { mounts } : { mounts, until });
  return { ...candidate, work, ...judge({ ...facts, hasWork: work.length > 0 }, { maxAgeMs }) };
}

function releaseOptionsOf(
  session: FoundSession,
  waiting: ProcessIdentity | undefined,
  { now, table }: Look,
  { maxAgeMs, spare, lastSeenAt }: CandidateOptions,
): Candidate['releaseOptions'] {
  const { id, root, dir, at, found } = session;
  const lease = found.lease ?? stranger(id, at);
  const isOwned = session.owner === 'alive';
  return {
    ...{ root, dir, lease, spare, maxAgeMs },
    owner: isOwned ? lease.owner.pid : undefined,
    keeper: isOwned ? lease.isolate?.holder : waiting?.pid,
    copyOut: isToBeCopied(session) ? () => copyOut(pathInside(dir, lease, table), dir) : undefined,
    keep: lease.keep === true,
    lastSeenAt: isOwned ? Date.now() : (lastSeenAt ?? lastSeen(session)),
    clock: found.lease ? clockOf(lease, now) : WALL_CLOCK,
  };
}

/** Its lease was read before the look at the processes, so a living agent is in the table. */
function stateOf(agent: ProcessIdentity | undefined, { processes }: ProcessTable): SessionFacts['agent'] {
  if (!agent) return 'unnamed';
  const isThere = !canListPids() || processes.get(agent.pid)?.startTime === agent.startTime;
  return isThere && isAlive(agent) ? 'alive' : 'dead';
}
