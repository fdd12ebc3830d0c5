// The sessions under some roots, each with its lease, its verdict and who uses it. One look at all processes serves all.
import { occupantsIn, type ReleaseOptions } from '../end/release.js';
import { type Remaining, remaining } from '../end/remaining.js';
import { attempt, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import type { FoundLease } from '../lease/lease-file.js';
import { agentOf, here } from '../lease/owner.js';
import { hasProcfs, isAlive, type ProcessIdentity } from '../process/identity.js';
import { type Snapshot, takeSnapshot } from '../process/snapshot.js';
import { HEARTBEAT_MS } from '../session/keep-alive.js';
import { bystanders } from './bystanders.js';
import { contentsOf } from './contents.js';
import { judge, type SessionFacts, type Verdict } from './judge.js';
import { endLeftHolders } from './left-holders.js';
import { type Measure, measure } from './measure.js';
import { type Place, placesUnder } from './places.js';

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
  /** What ending this session would start from. */
  releaseOptions: Omit<ReleaseOptions, 'graceMs'>;
}

export interface CandidateOptions {
  roots: readonly string[];
  maxAgeMs: number;
  /** Names never to be ended. */
  spare: readonly string[];
  /** Only these sessions; default all. */
  wants?(dir: string, found: FoundLease): boolean;
  /** Walk every TMPDIR, not only those whose age decides. */
  wantsSizes?: boolean;
  /** Walk no longer than this (performance.now()). Where the age would decide, not having seen all counts as young. */
  until?: number;
  /** Kill what dead owners left of us in their sessions, before the verdict. */
  endsHolders?: boolean;
  /** When owner and agent are known to have been alive last, where that is known better than from the heartbeat. */
  lastSeenAt?: number;
}

/** Judges the sessions under `roots`. */
export async function candidates({
  roots,
  maxAgeMs,
  spare,
  wants = () => true,
  wantsSizes = false,
  until = Infinity,
  endsHolders = false,
  lastSeenAt,
}: CandidateOptions): Promise<Candidate[]> {
  const now = here();
  const wanted = placesUnder(roots, now).filter(({ dir, found }) => wants(dir, found));
  if (wanted.length === 0) return [];
  let snapshot = await takeSnapshot({ roots });
  if (endsHolders && (await endLeftHolders(wanted, snapshot))) snapshot = await takeSnapshot({ roots });
  const partFor = bystanders(snapshot, wanted.flatMap(ownerPid));
  const results: Candidate[] = [];
  for (const place of wanted) {
    const candidate = await judgePlace(place, partFor(place.dir), {
      maxAgeMs,
      spare,
      wantsSizes,
      until,
      lastSeenAt,
      agentOf: (lease) => stateOf(agentOf(lease, now), snapshot),
    });
    if (fs.existsSync(place.dir)) results.push(candidate); // not ended meanwhile by its owner
  }
  return results;
}

const ownerPid = ({ found }: Place): number[] => (found.kind === 'good' ? [found.lease.owner.pid] : []);

interface JudgeOptions {
  maxAgeMs: number;
  spare: readonly string[];
  wantsSizes: boolean;
  until: number;
  lastSeenAt: number | undefined;
  agentOf(lease: Lease): SessionFacts['agent'];
}

async function judgePlace(
  { id, root, dir, found, owner }: Place,
  snapshot: Snapshot,
  options: JudgeOptions,
): Promise<Candidate> {
  const { maxAgeMs, spare, wantsSizes, until } = options;
  const isGood = found.kind === 'good';
  const lease = isGood ? found.lease : stranger(id, dir);
  const releaseOptions = {
    root,
    dir,
    lease,
    owner: owner === 'alive' ? lease.owner.pid : undefined,
    exempt: owner === 'alive' ? lease.isolate?.holder : undefined,
    spare,
    maxAgeMs,
    keep: lease.keep === true,
    lastSeenAt: owner === 'alive' ? Date.now() : (options.lastSeenAt ?? lastSeen(dir, found)),
  };
  const there = isEmpty(snapshot) ? [] : remaining(occupantsIn(snapshot, releaseOptions), dir);
  const isAgeAsked = owner === 'unknown' || owner === 'elsewhere' || !hasProcfs();
  const size =
    wantsSizes || isAgeAsked ? await measure(contentsOf(dir, lease, snapshot), { until }) : undefined;
  const newestAt = size && (size.isPartial ? Date.now() : Math.max(size.newestAt, madeAt(dir)));
  const occupants = hasProcfs() ? there.length : undefined;
  const verdict = judge(factsOf(found, { owner, occupants, newestAt, agentOf: options.agentOf }), {
    maxAgeMs,
  });
  const lastUsedAt = newestAt && Math.max(newestAt, isGood ? found.heartbeatAt : 0);
  return { id, root, dir, found, remaining: there, size, lastUsedAt, releaseOptions, ...verdict };
}

const isEmpty = ({ processes, strays }: Snapshot): boolean => processes.size === 0 && strays.length === 0;

/** An agent that lives was there to be seen: its lease was read before. */
function stateOf(agent: ProcessIdentity | undefined, { processes }: Snapshot): SessionFacts['agent'] {
  if (!agent) return 'unnamed';
  const isThere = !hasProcfs() || processes.get(agent.pid)?.startTime === agent.startTime;
  return isThere && isAlive(agent) ? 'alive' : 'dead';
}

/** The owner may have lived until its next heartbeat did not come. */
const lastSeen = (dir: string, found: FoundLease): number =>
  found.kind === 'good' ? Math.min(found.heartbeatAt + HEARTBEAT_MS, Date.now()) : madeAt(dir);

/** When the directory was made or last got an entry. Never its atime: reading it, as we do, moves that. */
const madeAt = (dir: string): number => {
  const stat = attempt(() => fs.lstatSync(dir));
  return Math.max(stat?.mtimeMs ?? 0, stat?.ctimeMs ?? 0);
};

interface Facts extends Pick<SessionFacts, 'owner' | 'occupants'>, Pick<JudgeOptions, 'agentOf'> {
  newestAt: number | undefined;
}

function factsOf(found: FoundLease, { owner, occupants, newestAt, agentOf }: Facts): SessionFacts {
  const now = Date.now();
  const newestAgeMs = newestAt === undefined ? undefined : now - newestAt;
  if (found.kind !== 'good') {
    return {
      lease: found.kind,
      isKept: false,
      owner,
      agent: 'unnamed',
      occupants,
      heartbeatAgeMs: Infinity,
      newestAgeMs,
    };
  }
  const { lease, heartbeatAt } = found;
  return {
    lease: 'good',
    isKept: lease.kept !== undefined,
    isToBeKept: lease.keep === true,
    owner,
    agent: agentOf(lease),
    occupants,
    heartbeatAgeMs: now - heartbeatAt,
    newestAgeMs,
  };
}

/** Stands in for a lease that cannot be relied on: names nobody, spares nothing but the usual. */
const stranger = (id: string, dir: string): Lease => {
  const birth = attempt(() => fs.lstatSync(dir))?.birthtimeMs ?? 0;
  const nobody = { pid: 0, startTime: 0, bootId: '', pidNamespace: '', host: '', uid: 0 };
  return {
    version: 1,
    id,
    backend: 'generic',
    command: [],
    cwd: '',
    createdAt: new Date(birth).toISOString(),
    owner: nobody,
  };
};
