// Descent can be seen only while the parents live: it is looked at just before a signal goes out, in one go,
// and one look serves all sessions of this process.
import { monotonicMs } from '../clock.js';
import { isAlive } from '../process/identity.js';
import type { ProcessFacts } from '../process/inspect.js';
import { canListPids } from '../process/list-pids.js';
import { type Snapshot, takeDescent } from '../process/snapshot.js';
import { isWithin, tmpDir } from '../root/layout.js';
import { membersIn } from './occupants.js';
import type { ReleaseOptions } from './release-options.js';

/** The members of a session as far as descent, TMPDIR and setsid(2) tell. Throws the system's error. */
export const membersNow = (options: ReleaseOptions, look = descentNow): ProcessFacts[] =>
  canListPids() ? membersIn(look(), options) : [];

/**
 * Of the members those without its TMPDIR. Who looks after us goes by that, and does not take a lease's word
 * for who the agent was: once the parents are gone, nobody can tell whose they were. None where survivors are
 * not to be ended, or a mount namespace tells.
 */
export function onlyByDescent(options: ReleaseOptions, look: () => Snapshot): ProcessFacts[] {
  const { agent, known = [], lease, dir } = options;
  if (lease.survivors === 'keep' || lease.isolate) return [];
  if (![...(agent ? [agent] : []), ...known].some(isAlive)) return [];
  const isMarked = ({ tmpdir }: ProcessFacts) => tmpdir !== undefined && isWithin(tmpDir(dir), tmpdir);
  return membersNow(options, look).filter((facts) => facts.pid !== agent?.pid && !isMarked(facts));
}

/** For all who ask in this turn of the event loop, which is no long time: else it is looked again. */
function descentNow(): Snapshot {
  if (latest && monotonicMs() - latest.at < RECENT_MS) return latest.seen;
  latest = { seen: takeDescent(), at: monotonicMs() };
  queueMicrotask(() => {
    latest = undefined;
  });
  return latest.seen;
}
let latest: { seen: Snapshot; at: number } | undefined;
const RECENT_MS = 1_000;
