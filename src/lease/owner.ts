// Is the owner a lease names alive? Answered for our own realm only: elsewhere a pid means somebody else.
// What cannot be known from here is `elsewhere`: another pid or time namespace, another machine, or procfs
// does not show who has the pid.

import { sinceBootMs } from '../clock.js';
import {
  identify,
  type Life,
  ownRealm,
  type ProcessIdentity,
  type Realm,
  readStat,
} from '../process/identity.js';
import { type SessionClock, sessionClock } from '../process/session-clock.js';
import { ownUid } from '../root/trusted.js';
import type { Lease, Owner } from './lease.js';

export type OwnerState = 'alive' | 'dead' | 'elsewhere';

/** Us, as an owner. */
export function ownOwner(): Owner {
  const { pid, startTime } = identify(process.pid) ?? { pid: process.pid, startTime: 0 };
  return { pid, startTime, ...ownRealm(), uid: Math.max(0, ownUid()) };
}

/** What leases are compared with: looked up once for many of them. */
export interface Here {
  realm: Realm;
  /** When this machine booted by today's clock, ms since 1970; and how long ago that is. */
  bootAt: number;
  sinceBootMs: number;
}

export function here(): Here {
  const realm = ownRealm();
  const startTime = realm.bootId === '' ? 0 : (readStat(process.pid)?.startTime ?? 0);
  return hereAs({ ...realm, startTime });
}

/** The same for a process that knows its realm and start time; without boot ids that is a date. */
export function hereAs({ startTime, ...realm }: Realm & Pick<ProcessIdentity, 'startTime'>): Here {
  const uptimeMs = sinceBootMs(realm.bootId === '' ? 0 : startTime);
  return { realm, bootAt: Date.now() - uptimeMs, sinceBootMs: uptimeMs };
}

/** The clock of its session, as far as the lease shows it. */
export const clockOf = ({ owner, createdAt, bootedAt }: Lease, { realm, ...now }: Here): SessionClock =>
  sessionClock({ owner, createdAt: Date.parse(createdAt), bootedAt, own: realm, ...now });

/** What can be said about the owner from here. `heartbeatAt` in ms since 1970. */
export function ownerState(
  { owner }: Lease,
  heartbeatAt: number,
  { realm, bootAt }: Here,
  life: (owner: ProcessIdentity) => Life,
): OwnerState {
  const where = whereIs(owner, realm, heartbeatAt, bootAt);
  const state = where === 'here' ? life(owner) : where;
  return state === 'hidden' ? 'elsewhere' : state;
}

/** The agent a lease names, when that is a process of our realm. */
export const agentOf = (lease: Lease, { realm }: Here): ProcessIdentity | undefined =>
  lease.agent && isHere(lease.owner, realm) ? lease.agent : undefined;

/**
 * Pure. One boot id is one running kernel: there pid and time namespace decide. Another boot id on this host
 * and namespace is this machine before a reboot, unless the heartbeat is younger than the boot: then another
 * machine shares the disk.
 */
export function whereIs(
  owner: Realm,
  own: Realm,
  heartbeatAt: number,
  bootAt: number,
): 'here' | 'dead' | 'elsewhere' {
  if (isHere(owner, own)) return 'here';
  const isThisMachine = owner.host === own.host && owner.pidNamespace === own.pidNamespace;
  const isEarlierBoot = owner.bootId !== own.bootId && heartbeatAt < bootAt - CLOCK_SLACK_MS;
  return isThisMachine && isEarlierBoot ? 'dead' : 'elsewhere';
}

/** Without boot ids (no procfs) the host stands for the kernel; start times are dates, and outlast a boot. */
const isHere = (owner: Realm, own: Realm): boolean =>
  owner.bootId === own.bootId &&
  owner.pidNamespace === own.pidNamespace &&
  owner.timeNamespace === own.timeNamespace &&
  (own.bootId !== '' || owner.host === own.host);

const CLOCK_SLACK_MS = 5_000; // boot time is worked out from today's clock
