// A claim is a name: it says who moved a thing out of its place, and so whether somebody still works on it.
// There is no record beside it: a full disk would refuse that, and a forged one could make us move things.
import { attempt, fs } from '../fs.js';
import { once } from '../once.js';
import { identify, isAlive, ownRealm, type ProcessIdentity } from '../process/identity.js';
import { newId } from '../root/layout.js';

/** Who claimed something. `realm`: of pid and start time, pid namespace and boot in 7 characters. */
export interface Claimer extends ProcessIdentity {
  realm: string;
}

/** `<pid>-<start time>-<realm>-<random>`: a name of its own each time, so a rename never meets another. */
export function newClaim(): string {
  const { pid, startTime, realm } = ownClaimer();
  return `${pid}-${startTime}-${realm}-${newId()}`;
}

/** A claim that is nobody's: whoever comes next takes it over, however long we live. */
export const freeClaim = (): string => `0-0-${ownRealmName()}-${newId()}`;

/** Who made a claim of this name; undefined for any other name. */
export function parseClaim(name: string): Claimer | undefined {
  const [, pid, startTime, realm] = CLAIM.exec(name) ?? [];
  return realm === undefined ? undefined : { pid: Number(pid), startTime: Number(startTime), realm };
}

/**
 * Whether its claimer is at work, or may be. A claimer of another realm (container, machine, boot) cannot be
 * seen from here: it counts as dead an hour after `changedAt`, in ms since 1970.
 */
export function isInHand({ pid, startTime, realm }: Claimer, changedAt: number, now = Date.now()): boolean {
  if (pid === 0) return false;
  if (realm !== ownRealmName()) return now - changedAt < ELSEWHERE_MS;
  return isAlive({ pid, startTime });
}

const ownClaimer = once((): Claimer => {
  const { pid, startTime } = identifyThread() ?? { pid: process.pid, startTime: 0 };
  return { pid, startTime, realm: ownRealmName() };
});

/** A thread may die alone, and has a stat of its own (proc(5), thread-self). */
function identifyThread(): ProcessIdentity | undefined {
  const link = attempt(() => fs.readlinkSync('/proc/thread-self'));
  return identify(Number(link?.split('/').pop() ?? process.pid));
}

const ownRealmName = once(() => hash(Object.values(ownRealm()).join(' ')));

/** FNV-1a; loading node:crypto delays a start. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(36).padStart(7, '0');
}

const CLAIM = /^(\d{1,10})-(\d{1,16})-([a-z0-9]{7})-[a-z0-9]{8}$/;
const ELSEWHERE_MS = 3_600_000;
