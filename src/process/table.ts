// The processes of this machine as one look saw them, and how they hang together: by parent, by session
// (setsid), by session directory. One table a look; it answers for all sessions at once.
import type { ProcessFacts } from './inspect.js';
import type { Hold } from './watch.js';

/** What a look found. */
export interface Seen {
  /** By pid; of processes of other uids little is known, but ancestry can be followed through them. */
  processes: ReadonlyMap<number, ProcessFacts>;
  /** In use in a session by nobody who could be read: bound sockets, loop devices, mounts. */
  strays: readonly Hold[];
  /** Nobody came, went or called exec behind the back of the look: another one would find the same. */
  isSettled: boolean;
  /** Not all that processes have open was looked at. Parents and variables are known of all. */
  isPartial?: boolean;
  /** Who took the most of a partial look's time. */
  slowest?: string | undefined;
  /** Who has something open so deep that nobody can tell where. */
  deepest?: string | undefined;
  /** ms since 1970; start times count from here. */
  bootedAt: number;
}

export interface ProcessTable extends Seen {
  childrenOf(pid: number): readonly ProcessFacts[];
  /** Those in the session (setsid(2)) with this id. */
  inSession(sid: number): readonly ProcessFacts[];
  /** Those whose TMPDIR is `path` or below it. */
  withTmpdirIn(path: string): readonly ProcessFacts[];
  /** Those with QW_SESSION `id`. */
  withSessionId(id: string): readonly ProcessFacts[];
  /** Those that have something open below a watched directory. */
  holding(dir: string): readonly ProcessFacts[];
  /** The parent, its parent and so on; a pid reused during the look closes no circle. */
  ancestorsOf(pid: number): readonly ProcessFacts[];
  /** Processes of other uids. */
  others: readonly ProcessFacts[];
  /** Processes of our uid that cannot be read. */
  unreadable: readonly ProcessFacts[];
  /** Of these, who is outside (outside.ts): any of them may use any session. */
  outside: readonly ProcessFacts[];
}

/** Pure. */
export function processTable(seen: Seen): ProcessTable {
  const all = [...seen.processes.values()];
  const children = groups(all, ({ ppid }) => [ppid]);
  const sessions = groups(all, ({ session }) => [session]);
  const tmpdirs = groups(all, ({ variables }) => pathsTo(variables?.tmpdir));
  const ids = groups(all, ({ variables }) => [variables?.sessionId]);
  const holders = groups(all, ({ holds }) => new Set(holds.map(({ dir }) => dir)));
  return {
    ...seen,
    childrenOf: (pid) => children.get(pid) ?? [],
    inSession: (sid) => sessions.get(sid) ?? [],
    withTmpdirIn: (path) => tmpdirs.get(path) ?? [],
    withSessionId: (id) => ids.get(id) ?? [],
    holding: (dir) => holders.get(dir) ?? [],
    others: all.filter(({ isOthers }) => isOthers),
    unreadable: all.filter(({ readable }) => !readable),
    outside: all.filter((facts) => facts.isOutside),
    ancestorsOf: (pid) => {
      const found = new Set<ProcessFacts>();
      const parentOf = (facts: ProcessFacts | undefined) => seen.processes.get(facts?.ppid ?? 0);
      let at = parentOf(seen.processes.get(pid));
      for (; at && !found.has(at); at = parentOf(at)) found.add(at);
      return [...found];
    },
  };
}

/** For where there is nothing that anybody could use. */
export const NO_LOOK = processTable({ processes: new Map(), strays: [], isSettled: true, bootedAt: 0 });

/** Every path that `isWithin` finds this one in. */
const pathsTo = (path: string | undefined): string[] =>
  path === undefined || path.length > MAX_PATH
    ? []
    : [path, ...[...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))];

const MAX_PATH = 4_096; // PATH_MAX, limits.h

function groups<K>(
  all: readonly ProcessFacts[],
  keysOf: (facts: ProcessFacts) => Iterable<K>,
): Map<K, ProcessFacts[]> {
  const found = new Map<K, ProcessFacts[]>();
  for (const facts of all)
    for (const key of keysOf(facts)) {
      const group = found.get(key);
      if (group) group.push(facts);
      else found.set(key, [facts]);
    }
  return found;
}
