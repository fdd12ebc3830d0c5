// The sessions under some roots, each with its lease, its verdict and who uses it. One look at all processes serves all.

import { turns } from '../clock.js';
import { occupantsIn, type ReleaseOptions } from '../end/release.js';
import { type Remaining, remaining } from '../end/remaining.js';
import { attempt, fs } from '../fs.js';
import { copyOut } from '../isolate/copy-out.js';
import type { Lease } from '../lease/lease.js';
import type { FoundLease } from '../lease/lease-file.js';
import { agentOf, clockOf, type Here, here } from '../lease/owner.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { canListPids } from '../process/list-pids.js';
import { ageIn, WALL_CLOCK } from '../process/session-clock.js';
import { NO_LOOK, type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { HEARTBEAT_MS } from '../session/keep-alive.js';
import { bystanders } from './bystanders.js';
import { inMemory } from './contents.js';
import { judge, type SessionFacts, type Verdict } from './judge.js';
import { endLeftHolders, isInMemory, leftHolder } from './left-holders.js';
import type { Measure } from './measure.js';
import { type Place, type SessionPlace, sessionsUnder, withOwners } from './places.js';
import { isAgeAsked, type SizeOptions, sizeIn, sizesOfMany } from './sizes.js';
import { stranger } from './stranger.js';

export interface Candidate extends Verdict {
  id: string;
  root: string;
  dir: string;
  found: FoundLease;
  remaining: Remaining[];
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
  /** Kill what dead owners left of us in their sessions, before the verdict. */
  endsHolders?: boolean;
  /** When owner and agent are known to have been alive last, where that is known better than from the heartbeat. */
  lastSeenAt?: number;
}

/** Judges the sessions under `roots`. */
export async function candidates(options: CandidateOptions): Promise<Candidate[]> {
  const { roots } = options;
  const sessions = await sessionsUnder(roots);
  const [sizes, { wanted, snapshot, now }] = await Promise.all([
    sizesOfMany(sessions, options),
    lookAt(sessions, options),
  ]);
  const partFor = bystanders(snapshot, wanted.flatMap(ownerPid));
  const agentState = (lease: Lease) => stateOf(agentOf(lease, now), snapshot);
  const turn = turns();
  const results: Candidate[] = [];
  for (const place of wanted) {
    const part = partFor(place.dir);
    const asked = sizeIn(place, part, sizes, options);
    const size = asked instanceof Promise ? await asked : asked;
    results.push(judgePlace({ place, snapshot: part, size, agentState, now }, options));
    if (turn.isOver()) await turn.pass();
  }
  return stillThere(results, roots);
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
  const snapshot = await takeSnapshot({ roots });
  const isAnyEnded = endsHolders && (await endLeftHolders(wanted, snapshot));
  return { wanted, now, snapshot: isAnyEnded ? await takeSnapshot({ roots }) : snapshot };
}

/** Without those that their owner ended meanwhile. */
function stillThere(found: readonly Candidate[], roots: readonly string[]): Candidate[] {
  const names = new Map(roots.map((root) => [root, new Set(attempt(() => fs.readdirSync(root)))]));
  return found.filter(({ root, id }) => names.get(root)?.has(id));
}

const ownerPid = ({ found }: Place): number[] => (found.kind === 'good' ? [found.lease.owner.pid] : []);

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
): Candidate {
  const { id, root, dir, found, owner, isLocked } = place;
  const isGood = found.kind === 'good';
  const lease = isGood ? found.lease : stranger(id, dir);
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
    lastSeenAt: owner === 'alive' ? Date.now() : (lastSeenAt ?? lastSeen(dir, found)),
    clock,
  };
  const there = isEmpty(snapshot) ? [] : remaining(occupantsIn(snapshot, releaseOptions), dir);
  const newestAt = size && isAgeAsked(place) ? newestIn(size, dir) : undefined;
  const occupants = canListPids() ? there.length : undefined;
  const ageOf = (at: number) => ageIn(clock, Date.now() - at);
  const facts = factsOf(found, { owner, isLocked, occupants, newestAt, agentState, ageOf });
  const verdict = judge(facts, { maxAgeMs });
  const lastUsedAt = newestAt && Date.now() - ageOf(Math.max(newestAt, isGood ? found.heartbeatAt : 0));
  return { id, root, dir, found, remaining: there, size, lastUsedAt, waiting, releaseOptions, ...verdict };
}

const isEmpty = ({ processes, strays }: Snapshot): boolean => processes.size === 0 && strays.length === 0;

/** An agent that lives was there to be seen: its lease was read before. */
function stateOf(agent: ProcessIdentity | undefined, { processes }: Snapshot): SessionFacts['agent'] {
  if (!agent) return 'unnamed';
  const isThere = !canListPids() || processes.get(agent.pid)?.startTime === agent.startTime;
  return isThere && isAlive(agent) ? 'alive' : 'dead';
}

/** The owner may have lived until its next heartbeat did not come. */
const lastSeen = (dir: string, found: FoundLease): number =>
  found.kind === 'good' ? Math.min(found.heartbeatAt + HEARTBEAT_MS, Date.now()) : madeAt(dir);

/** What was not seen counts as young. */
const newestIn = ({ isPartial, newestAt, lastUseAt = newestAt }: Measure, dir: string): number =>
  isPartial ? Date.now() : Math.max(lastUseAt, madeAt(dir));

/** When the directory was made or last got an entry. Never its atime: reading it, as we do, moves that. */
const madeAt = (dir: string): number => {
  const stat = attempt(() => fs.lstatSync(dir));
  return Math.max(stat?.mtimeMs ?? 0, stat?.ctimeMs ?? 0);
};

interface Facts extends Pick<SessionFacts, 'owner' | 'isLocked' | 'occupants'>, Pick<Evidence, 'agentState'> {
  newestAt: number | undefined;
  ageOf(at: number): number;
}

function factsOf(found: FoundLease, { newestAt, agentState, ageOf, ...seen }: Facts): SessionFacts {
  const newestAgeMs = newestAt === undefined ? undefined : ageOf(newestAt);
  if (found.kind !== 'good') {
    return {
      ...seen,
      lease: found.kind,
      isKept: false,
      agent: 'unnamed',
      heartbeatAgeMs: Infinity,
      newestAgeMs,
    };
  }
  const { lease, heartbeatAt } = found;
  return {
    ...seen,
    lease: 'good',
    isKept: lease.kept !== undefined,
    isKeptInPart: lease.kept?.missing !== undefined,
    isToBeKept: lease.keep === true,
    agent: agentState(lease),
    heartbeatAgeMs: ageOf(heartbeatAt),
    newestAgeMs,
  };
}
