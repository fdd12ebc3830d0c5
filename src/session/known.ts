// What is known of a session that is open here, for all that is done with it until its end.
import type { BackendProfile } from '../backends/profile.js';
import { ownPlace } from '../backends/spared.js';
import { sinceBootMs, TICKS_PER_SECOND } from '../clock.js';
import { type Memory, memory as newMemory } from '../end/memory.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { type Isolated, isolated } from '../isolate/isolate.js';
import type { Sight } from '../isolate/mount-plan.js';
import type { Lease } from '../lease/lease.js';
import { clockOf, hereAs } from '../lease/owner.js';
import type { ProcessIdentity } from '../process/identity.js';
import { tmpDir } from '../root/layout.js';
import { type AgentStart, agentStart } from './agent-start.js';
import { type OwnLease, ownLease } from './own-lease.js';
import { type OwnReceipts, ownReceipts } from './own-receipt.js';
import { removeLater } from './remove-later.js';
import type { Settings } from './settings.js';

export interface Parts {
  root: string;
  dir: string;
  lease: Lease;
  settings: Settings;
  profile: BackendProfile;
  /** What is known already that the agent's user should know. */
  warnings: readonly string[];
  /** To be called once its directory is gone. */
  onGone(): void;
}

export interface Known {
  readonly id: string;
  readonly root: string;
  /** Session directory. */
  readonly dir: string;
  readonly tmpdir: string;
  readonly seen: Sight;
  /** As procfs has it in the start time of who begins then. */
  readonly openedAt: number;
  readonly profile: BackendProfile;
  readonly settings: Settings;
  readonly lease: OwnLease;
  readonly memory: Memory;
  readonly receipts: OwnReceipts;
  readonly inside: Isolated | undefined;
  readonly start: AgentStart;
  /** What the report of its end has to say, one line each. */
  readonly atEnd: string[];
  agent: ProcessIdentity | undefined;
  /** What an end would start from now. */
  releaseOptions(): ReleaseOptions;
  onGone(): void;
}

/** Of a session that was just made; its mounts begin to be made here. */
export function knownOf({ root, dir, lease: first, settings, profile, warnings, onGone }: Parts): Known {
  const { graceMs, spare, maxAgeMs, isolation, cwd, work } = settings;
  const { id } = first;
  const openedAt = Math.floor((sinceBootMs(first.owner.startTime) * TICKS_PER_SECOND) / 1_000);
  const tmpdir = tmpDir(dir);
  const lease = ownLease(dir, first);
  const memory = newMemory();
  const receipts = ownReceipts({ ...settings, root, dir, lease: lease.now });
  const ownPlaces = ownPlace(cwd, settings.env['HOME']);
  const inside = isolation && isolated({ ...settings, isolation, root, dir });
  const seen = inside?.seen ?? { root, tmpdir, files: { dir, seenAs: dir } };
  const start = agentStart({ id, seen, profile, settings, known: warnings });
  const releaseOptions = (): ReleaseOptions => ({
    root,
    dir,
    lease: lease.now(),
    agent: known.agent,
    owner: process.pid,
    keeper: inside?.keeper()?.pid,
    copyOut: inside?.copyOut,
    contents: inside?.contents(),
    work,
    memory,
    ownPlaces,
    graceMs,
    spare,
    maxAgeMs,
    lastSeenAt: Date.now(),
    clock: clockOf(first, hereAs(first.owner)),
    keep: lease.now().keep === true,
    handOver: settings.wait ? undefined : removeLater,
  });
  const known: Known = {
    ...{ id, root, dir, tmpdir, seen, openedAt, profile, settings, lease, memory, receipts, inside, start },
    ...{ atEnd: [], agent: undefined, releaseOptions, onGone },
  };
  return known;
}

/**
 * Waits for its mounts, if any were asked for, and names them in the lease.
 * @throws QwRunError `ERR_QW_ISOLATION` with what is missing
 */
export async function noteIsolation({ inside, lease }: Known): Promise<void> {
  if (inside) lease.update({ isolate: await inside.ready });
}
