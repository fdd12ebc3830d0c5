// When its agent has left, an owner writes into the lease that the end has begun. A look just before that
// would report a forgotten session, so it waits for that word, two seconds at most.
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../clock.js';
import { readLease } from '../lease/lease-file.js';
import type { Verdict } from './judge.js';

interface Judged extends Verdict {
  id: string;
  at: string;
}

/** The verdicts; where an owner seems to have forgotten a session, after a wait for its word. */
export async function withBegunEnds<T extends Judged>(judged: readonly T[]): Promise<T[]> {
  const until = monotonicMs() + MOST_MS;
  let seen = [...judged];
  for (; seen.some(isForgotten) && monotonicMs() < until; await pause(AGAIN_MS))
    seen = seen.map((one) => (isForgotten(one) && hasBegun(one) ? { ...one, reason: 'ending' } : one));
  return seen;
}

const isForgotten = ({ state, reason }: Verdict): boolean => state === 'live' && reason === 'agent-gone';

/** Also where it is over already. */
function hasBegun({ at, id }: Judged): boolean {
  const now = readLease(at, id);
  return now.kind !== 'good' || now.lease.ending !== undefined;
}

const AGAIN_MS = 20;
const MOST_MS = 2_000;
