// The sessions under some roots, each with its lease, its verdict and who uses it. One look at all processes
// serves all.

import { turns } from '../clock.js';
import { occupantsIn } from '../end/occupants.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { type Remaining, remaining } from '../end/remaining.js';
import { attempt, fs } from '../fs.js';
import { copyOut } from '../isolate/copy-out.js';
import type { Lease } from '../lease/lease.js';
import type { FoundLease } from '../lease/lease-file.js';
import { agentOf, clockOf, type Here, here } from '../lease/owner.js';
import type { WorkChoice } from '../options.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import { ageIn, WALL_CLOCK } from '../process/session-clock.js';
import { NO_LOOK, type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { tmpDir } from '../root/layout.js';
import { readMounts } from '../root/mounts.js';
import { asBefore } from '../take/as-before.js';
import type { Measure } from '../tree/measure.js';
import { findWork } from '../work/find-work.js';
import type { Work } from '../work/work.js';
import { bystanders } from './bystanders.js';
import { inMemory, type SizeOptions, sizeIn } from './contents.js';
import { factsOf, isAgeAsked, lastSeen, newestIn } from './facts.js';
import { judge, type SessionFacts, type Verdict } from './judge.js';
import { endLeftHolders, isInMemory, leftHolder } from './left-holders.js';
import { type Place, type SessionPlace, sessionsUnder, withOwners } from './places.js';
import { stranger } from './stranger.js';

export interface Candidate extends Verdict {
  id: string;
  root: string;
  dir: string;
  at: string;
  found: FoundLease;
  remaining: Remaining[];
  /** What in it is work; looked for where nobody owns or uses it. */
  work: Work[];
  /** Of its TMPDIR; where sizes were wanted or the verdict needed the walk. */
  size: Measure | undefined;
  /** Newest file or heartbeat, ms since 1970; where the verdict may depend on it. */
  lastUsedAt: number | undefined;
  /** Our process that keeps in memory what has to be copied out yet. */
  waiting?: ProcessIdentity | undefined;
  /** What ending this session would start from. */
  releaseOptions: Omit<ReleaseOptions, 'graceMs'>;
}

export interface CandidateOptions extends SizeOptions {
  roots: readonly string[];
  maxAgeMs: number;
  /** Names never to be ended. */
  spare: readonly string[];
  /** Only these sessions; default all. */
  wants?(dir: string, found: FoundLease): boolean;
  /** `remove`: work in a session counts for nothing. */
  work?: WorkChoice | undefined;
  /** Kill what dead owners left of us in their sessions, before the verdict. */
  endsHolders?: boolean;
  /**
   * When owner and agent are known to have been alive last, where that is known better than from the
   * heartbeat.
   */
  lastSeenAt?: number;
}

/** Judges the sessions under `roots`. */
export const candidates = async (options: CandidateOptions): Promise<Candidate[]> =>
  judgeSessions(await sessionsUnder(options.roots), options);

/** The same for `sessions` that are known; one in the trash is judged as if it were in its place. */
export async function judgeSessions(
  sessions: readonly SessionPlace[],
  options: CandidateOptions,
): Promise<Candidate[]> {
  const { wanted, snapshot, now } = await lookAt(sessions, options);
  const partFor = bystanders(snapshot, wanted.flatMap(ownerPid));
  const agentState = (lease: Lease) => stateOf(agentOf(lease, now), snapshot);
  const turn = turns();
  const mounts = readMounts();
  const results: Candidate[] = [];
  for (const place of wanted) {
    const part = partFor(place.dir);
    const asked = sizeIn(place, part, options, mounts);
    const size = asked && (await asked);
    const judged = judgePlace({ place, snapshot: part, size, agentState, now }, options);
    results.push(await withWork(judged, options));
    if (turn.isOver()) await turn.pass();
  }
  return results.filter(({ at }) => attempt(() => fs.lstatSync(at)) !== undefined);
}

interface Look {
  wanted: Place[];
  snapshot: Snapshot;
  now: Here;
}

async function lookAt(
  sessions: readonly SessionPlace[],
  { roots, wants = () => true, endsHolders = false }: CandidateOptions,
): Promise<Look> {
  const now = here();
  const wanted = (await withOwners(sessions, now)).filter(({ dir, found }) => wants(dir, found));
  if (wanted.length === 0) return { wanted, now, snapshot: NO_LOOK };
  const watch = { roots, dirs: new Set(wanted.filter(isMoved).map(({ at }) => at)) };
  const look = async () => asBefore(await takeSnapshot(watch), wanted.filter(isMoved));
  const snapshot = await look();
  const isAnyEnded = endsHolders && (await endLeftHolders(wanted, snapshot));
  return { wanted, now, snapshot: isAnyEnded ? await look() : snapshot };
}

const isMoved = ({ at, dir }: SessionPlace): boolean => at !== dir;

const ownerPid = ({ found }: Place): number[] => (found.kind === 'good' ? [found.lease.owner.pid] : []);

/** Row 5b: what would be an orphan is kept while there is work in it. */
async function withWork(
  { facts, ...candidate }: Judged,
  { work: choice, until, maxAgeMs }: CandidateOptions,
): Promise<Candidate> {
  if (candidate.state !== 'orphan' || choice === 'remove') return candidate;
  // What cannot be seen is decided on the road.
  const { work } = await findWork(tmpDir(candidate.at), until === undefined ? {} : { until });
  return { ...candidate, work, ...judge({ ...facts, hasWork: work.length > 0 }, { maxAgeMs }) };
}

interface Judged extends Candidate {
  facts: SessionFacts;
}

interface Evidence {
  place: Place;
  /** Of the processes, those that matter here. */
  snapshot: Snapshot;
  size: Measure | undefined;
  agentState(lease: Lease): SessionFacts['agent'];
  now: Here;
}

function judgePlace(
  { place, snapshot, size, agentState, now }: Evidence,
  { maxAgeMs, spare, lastSeenAt }: CandidateOptions,
): Judged {
  const { id, root, dir, at, found, owner, isLocked } = place;
  const isGood = found.kind === 'good';
  const lease = isGood ? found.lease : stranger(id, at);
  const clock = isGood ? clockOf(lease, now) : WALL_CLOCK;
  const waiting = isInMemory(place) ? leftHolder(place, snapshot) : undefined;
  const releaseOptions = {
    root,
    dir,
    lease,
    owner: owner === 'alive' ? lease.owner.pid : undefined,
    exempt: owner === 'alive' ? lease.isolate?.holder : waiting?.pid,
    copyOut: isInMemory(place) ? () => copyOut(inMemory(dir, lease, snapshot), dir) : undefined,
    spare,
    maxAgeMs,
    keep: lease.keep === true,
    lastSeenAt: owner === 'alive' ? Date.now() : (lastSeenAt ?? lastSeen(place, found)),
    clock,
  };
  const there = isEmpty(snapshot) ? [] : remaining(occupantsIn(snapshot, releaseOptions), dir);
  const newestAt = size && isAgeAsked(place) ? newestIn(size, place) : undefined;
  const occupants = canListPids() ? there.length : undefined;
  const ageOf = (time: number) => ageIn(clock, Date.now() - time);
  const facts = factsOf(found, { owner, isLocked, occupants, newestAt, agentState, ageOf });
  const verdict = judge(facts, { maxAgeMs });
  const lastUsedAt = newestAt && Date.now() - ageOf(Math.max(newestAt, isGood ? found.heartbeatAt : 0));
  const known = { id, root, dir, at, found, remaining: there, size, lastUsedAt, waiting, releaseOptions };
  return { ...known, work: [], facts, ...verdict };
}

const isEmpty = ({ processes, strays }: Snapshot): boolean => processes.size === 0 && strays.length === 0;

/** An agent that lives was there to be seen: its lease was read before. */
function stateOf(agent: ProcessIdentity | undefined, { processes }: Snapshot): SessionFacts['agent'] {
  if (!agent) return 'unnamed';
  const isThere = !canListPids() || processes.get(agent.pid)?.startTime === agent.startTime;
  return isThere && isAlive(agent) ? 'alive' : 'dead';
}
