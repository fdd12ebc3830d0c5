// What is largest on a full file system, and the one command that helps. It never says to delete a path by
// hand: what is in there, and who uses it, is not known here.
import { basename, dirname } from 'node:path';
import { componentMatcher, components } from '../backends/patterns.js';
import { readLease } from '../lease/lease-file.js';
import { shellQuote } from '../options.js';
import { SESSION_ID } from '../root/layout.js';
import { type Culprit, culprits, type Scarce } from './culprits.js';

export interface LargeEntry extends Culprit {
  /** Of a managed root: its largest sessions, largest first. Of a session: itself. */
  sessions: LargeSession[];
}

export interface LargeSession {
  id: string;
  bytes: number;
  isKept: boolean;
}

export interface WayOutFacts {
  /** Temp directories where agents leave things without us. */
  legacyDirs: readonly string[];
  /** Patterns of what they leave. */
  legacy: readonly string[];
  uid: number;
}

export interface Looked {
  /** All managed roots of this user that are known. */
  roots: readonly string[];
  scarce: Scarce;
}

/** The largest entries of ours in `dirs`, roots with their largest sessions. */
export async function largeEntries(
  dirs: readonly string[],
  { roots, scarce }: Looked,
): Promise<LargeEntry[]> {
  const isSession = (path: string) => roots.includes(dirname(path)) && SESSION_ID.test(basename(path));
  const found: LargeEntry[] = [];
  for (const culprit of await culprits(dirs, scarce)) {
    const { path } = culprit;
    const below = roots.includes(path) ? await culprits([path], scarce) : [culprit];
    found.push({ ...culprit, sessions: below.filter((it) => isSession(it.path)).map(sessionOf) });
  }
  return found;
}

function sessionOf({ path, bytes }: Culprit): LargeSession {
  const found = readLease(path);
  return { id: basename(path), bytes, isKept: found.kind === 'good' && found.lease.kept !== undefined };
}

/** What to run about the largest one. Pure. */
export function wayOut({ path, sessions }: LargeEntry, { legacyDirs, legacy, uid }: WayOutFacts): string {
  const [session] = sessions;
  if (session) return session.isKept ? `qw-tmp rm ${session.id}` : 'qw-tmp list';
  const isMatch = (pattern: string) => componentMatcher(components(pattern)[0] ?? '', uid)(basename(path));
  if (legacyDirs.includes(dirname(path)) && legacy.some(isMatch)) return 'qw-tmp reap --legacy';
  return `du -sh ${shellQuote(path)}`;
}
