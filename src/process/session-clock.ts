// How old things in a session can be. The wall clock may be set while a session lives: what was written a
// moment ago looks days old then. Start times of processes count on a clock that nobody sets. Pure.
import { TICKS_PER_SECOND } from '../clock.js';
import type { ProcessIdentity, Realm } from './identity.js';

/** What is known of the time since a session was opened. */
export interface SessionClock {
  /** Nothing in it is older, in ms: what made it is not. */
  oldestMs: number;
  /** The wall clock was set by so much since, in ms; negative: back. */
  setMs: number;
}

/** Where nothing is known: ages are what the wall clock says. */
export const WALL_CLOCK: SessionClock = { oldestMs: Infinity, setMs: 0 };

export interface ClockFacts {
  owner: ProcessIdentity & ClockRealm;
  /** When it was opened, and when the machine had booted by the clock of that moment; ms since 1970. */
  createdAt: number;
  bootedAt?: number | undefined;
  own: ClockRealm;
  /** The same by today's clock, and how long ago that is. */
  bootAt: number;
  sinceBootMs: number;
}

/** Start times of one realm count on one clock: a time namespace has its own (time_namespaces(7)). */
type ClockRealm = Pick<Realm, 'bootId' | 'timeNamespace'>;

/** Known by a lease's owner; nothing is where its start time counts on another clock than ours. */
export function sessionClock(facts: ClockFacts): SessionClock {
  const { owner, createdAt, bootedAt, own, bootAt, sinceBootMs } = facts;
  if (own.bootId === '' || owner.bootId !== own.bootId || owner.timeNamespace !== own.timeNamespace)
    return WALL_CLOCK;
  const ownerMs = sinceBootMs - (owner.startTime * 1_000) / TICKS_PER_SECOND;
  if (bootedAt === undefined) return { oldestMs: ownerMs, setMs: 0 };
  return { oldestMs: Math.min(ownerMs, sinceBootMs - (createdAt - bootedAt)), setMs: bootAt - bootedAt };
}

/** The age of what the wall clock calls `ageMs` old. Set back, that says too little: too young keeps. */
export const ageIn = ({ oldestMs, setMs }: SessionClock, ageMs: number): number =>
  Math.min(ageMs - Math.max(0, setMs), oldestMs);

/** What the wall clock says of something there that has this age; undefined where nothing is that old. */
export const wallAge = ({ oldestMs, setMs }: SessionClock, ageMs: number): number | undefined =>
  oldestMs < ageMs ? undefined : ageMs + Math.max(0, setMs);
