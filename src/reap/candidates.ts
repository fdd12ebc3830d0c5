// The sessions under some roots, each with its lease, its verdict and who uses it. All share one look at the
// processes.
import { newYielder } from '../clock.js';
import { occupantsIn } from '../end/occupants.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { type Remaining, remaining } from '../end/remaining.js';
import { attempt, fs } from '../fs.js';
import { copyOut } from '../isolate/copy-out.js';
import type { Lease } from '../lease/lease.js';
import type { FoundLease } from '../lease/lease-file.js';
import { agentOf, clockOf, type Here, here } from '../lease/owner.js';
import type { Policy } from '../options.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import { ageIn, WALL_CLOCK } from '../process/session-clock.js';
import { NO_LOOK, type ProcessTable } from '../process/table.js';
import { takeTable } from '../process/take-table.js';
import { tmpDir } from '../root/layout.js';
import { readMounts } from '../root/mounts.js';
import type { Pressure } from '../space/probe.js';
import { asBefore } from '../take/as-before.js';
import type { Measure } from '../tree/measure.js';
import { findWork } from '../work/find-work.js';
import type { TempRepository, Work } from '../work/work.js';
import { withBegunEnds } from './about-to-end.js';
import {
  factsOf,
  inMemory,
  isAgeAsked,
  lastSeen,
  newestIn,
  pressureIn,
  type SizeOptions,
  sizeIn,
  stranger,
} from './facts.js';
import { judge, type SessionFacts, type Verdict } from './judge.js';
import { endLeftKeepers, isInMemory, leftKeeper } from './left-keepers.js';
import { type FoundSession, withOwners } from './owners.js';
import { type SessionDir, sessionsUnder } from './session-dirs.js';

export interface Candidate extends Verdict {
  id: string;
  root: string;
  dir: string;
  at: string;
  found: FoundLease;
  remaining: Remaining[];
  /** Worktrees and repositories in it that are not temp; looked for where nobody owns or uses it. */
  work: Work[];
  /** What would go with it, where that was looked for. */
  repositories?: TempRepository[];
  /** Of its TMPDIR; measured where sizes were wanted or the verdict depends on it. */
  size: Measure | undefined;
  /** Newest file or heartbeat, ms since 1970; where the verdict may depend on it. */
  lastUsedAt: number | undefined;
  /** Its keeper, where what is to be kept is still in memory. */
  waiting?: ProcessIdentity | undefined;
  /** Its disk was full while it lived. Read here: it goes with the session. */
  lastPressure: Pressure | undefined;
  /** What is needed to end it. */
  releaseOptions: ReleaseOptions;
}

export interface CandidateOptions extends SizeOptions, Policy {
  roots: readonly string[];
  /** Only these sessions; default all. */
  wants?(dir: string, found: FoundLease): boolean;
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
  const { wanted, table, now } = await lookAt(sessions, options);
  const agentState = (lease: Lease) => stateOf(agentOf(lease, now), table);
  const yielder = newYielder();
  const mounts = readMounts();
  const results: Candidate[] = [];
  for (const session of wanted) {
    const asked = sizeIn(session, table, options, mounts);
    const size = asked && (await asked);
    const judged = judgeOne({ session, table, size, agentState, now }, options);
    results.push(await withWork(judged, options));
    if (yielder.isDue()) await yielder.yield();
  }
  return (await withBegunEnds(results)).filter(({ at }) => attempt(() => fs.lstatSync(at)) !== undefined);
}

interface Look {
  wanted: FoundSession[];
  table: ProcessTable;
  now: Here;
}

async function lookAt(
  sessions: readonly SessionDir[],
  { roots, wants = () => true, endsKeepers = false }: CandidateOptions,
): Promise<Look> {
  const now = here();
  const wanted = (await withOwners(sessions, now)).filter(({ dir, found }) => wants(dir, found));
  if (wanted.length === 0) return { wanted, now, table: NO_LOOK };
  const watch = { roots, dirs: new Set(wanted.filter(isMoved).map(({ at }) => at)) };
  const look = async () => asBefore(await takeTable(watch), wanted.filter(isMoved));
  const table = await look();
  const isAnyEnded = endsKeepers && (await endLeftKeepers(wanted, table));
  return { wanted, now, table: isAnyEnded ? await look() : table };
}

const isMoved = ({ at, dir }: SessionDir): boolean => at !== dir;

/** Row 5b: what would be an orphan is kept while there is work in it. */
async function withWork(
  { facts, ...candidate }: Judged,
  { work: choice, until, maxAgeMs }: CandidateOptions,
): Promise<Candidate> {
  if (candidate.state !== 'orphan' || choice === 'remove') return candidate;
  // Where not all of it can be seen, the road to removal keeps it.
  const { work, repositories } = await findWork(tmpDir(candidate.at), until === undefined ? {} : { until });
  return { ...candidate, work, repositories, ...judge({ ...facts, hasWork: work.length > 0 }, { maxAgeMs }) };
}

interface Judged extends Candidate {
  facts: SessionFacts;
}

interface Evidence {
  session: FoundSession;
  table: ProcessTable;
  size: Measure | undefined;
  agentState(lease: Lease): SessionFacts['agent'];
  now: Here;
}

function judgeOne(
  { session, table, size, agentState, now }: Evidence,
  { maxAgeMs, spare, lastSeenAt }: CandidateOptions,
): Judged {
  const { id, root, dir, at, found, owner, isLocked } = session;
  const isGood = found.kind === 'good';
  const lease = isGood ? found.lease : stranger(id, at);
  const clock = isGood ? clockOf(lease, now) : WALL_CLOCK;
  const waiting = isInMemory(session) ? leftKeeper(session, table) : undefined;
  const releaseOptions = {
    root,
    dir,
    lease,
    owner: owner === 'alive' ? lease.owner.pid : undefined,
    keeper: owner === 'alive' ? lease.isolate?.holder : waiting?.pid,
    copyOut: isInMemory(session) ? () => copyOut(inMemory(dir, lease, table), dir) : undefined,
    spare,
    maxAgeMs,
    keep: lease.keep === true,
    lastSeenAt: owner === 'alive' ? Date.now() : (lastSeenAt ?? lastSeen(session, found)),
    clock,
  };
  // Only shown: the agent can write the lease, so the agent named there is never signalled on its word.
  const shown = owner === 'alive' ? { agent: agentOf(lease, now) } : {};
  const there = remaining(occupantsIn(table, { ...releaseOptions, ...shown }), dir);
  const newestAt = size && isAgeAsked(session) ? newestIn(size, session) : undefined;
  const occupants = canListPids() ? there.length : undefined;
  const ageOf = (time: number) => ageIn(clock, Date.now() - time);
  const facts = factsOf(found, { owner, isLocked, occupants, newestAt, agentState, ageOf });
  const verdict = judge(facts, { maxAgeMs });
  const lastUsedAt = newestAt && Date.now() - ageOf(Math.max(newestAt, isGood ? found.heartbeatAt : 0));
  const lastPressure = pressureIn(at, lease);
  const known = { id, root, dir, at, found, remaining: there, size, lastUsedAt, waiting, lastPressure };
  return { ...known, work: [], releaseOptions, facts, ...verdict };
}

/** Its lease was read before the look at the processes, so a living agent is in the table. */
function stateOf(agent: ProcessIdentity | undefined, { processes }: ProcessTable): SessionFacts['agent'] {
  if (!agent) return 'unnamed';
  const isThere = !canListPids() || processes.get(agent.pid)?.startTime === agent.startTime;
  return isThere && isAlive(agent) ? 'alive' : 'dead';
}
