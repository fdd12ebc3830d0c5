// The session directories under some roots, and the ids and labels by which a person names them. Quick: no
// process and no TMPDIR is looked at.
import { relative, sep } from 'node:path';
import { newYielder } from '../clock.js';
import { attempt, statOf } from '../fs.js';
import { readLease } from '../lease/lease-file.js';
import { namesIn } from '../names.js';
import { askForRoots } from '../process/ask-mounts.js';
import { type Failure, mountFailures } from '../remove/failure.js';
import { SESSION_ID, sessionDir, tmpDir } from '../root/layout.js';
import { mountsUnder, readMounts, servedBelow } from '../root/mounts.js';
import { existingRoots } from '../root/roots.js';
import { isOurs } from '../root/trusted.js';

export interface SessionDir {
  id: string;
  root: string;
  /** Its own place, by which processes know it. */
  dir: string;
  /** Where it is now: there, or in the trash. */
  at: string;
}

/** The roots of `env`, or `root` alone, after their mounts were asked whether they answer. */
export async function rootsToLookIn(env: NodeJS.ProcessEnv, root: string | undefined): Promise<string[]> {
  await askForRoots(env, root);
  return existingRoots(env, root);
}

/**
 * The session directories under `roots`. What is not ours by name, type or owner is left out (row 1 of the
 * table), and so is what lies behind a FUSE or network mount, which may never answer.
 */
export async function sessionsUnder(roots: readonly string[]): Promise<SessionDir[]> {
  const yielder = newYielder();
  const found: SessionDir[] = [];
  const closed = new Set(closedSessions(roots).map(({ dir }) => dir));
  for (const root of roots)
    for (const id of attempt(() => namesIn(root, (name) => SESSION_ID.test(name))) ?? []) {
      const dir = sessionDir(root, id);
      if (!closed.has(dir) && isOwnDirectory(dir)) found.push({ id, root, dir, at: dir });
      if (yielder.isDue()) await yielder.yield();
    }
  return found;
}

export interface ClosedSession {
  id: string;
  dir: string;
  failed: Failure[];
}

/**
 * Sessions with a FUSE or network mount on their directory, or on an entry of it: no look at them goes
 * without asking that. A mount deeper in the TMPDIR is no obstacle.
 */
export function closedSessions(roots: readonly string[], mounts = readMounts()): ClosedSession[] {
  const closed = new Map<string, ClosedSession>();
  for (const root of roots) {
    const isServed = servedBelow(root, mounts);
    for (const point of mountsUnder(root, mounts).filter(isServed)) {
      const [id = '', ...below] = relative(root, point).split(sep);
      if (!SESSION_ID.test(id) || below.length > 1) continue;
      const dir = sessionDir(root, id);
      const failed = [...(closed.get(dir)?.failed ?? []), ...mountFailures(point)];
      closed.set(dir, { id, dir, failed });
    }
  }
  return [...closed.values()];
}

function isOwnDirectory(dir: string): boolean {
  const stat = statOf(dir);
  return stat?.isDirectory() === true && isOurs(stat);
}

export interface SessionName {
  id: string;
  label: string | null;
  /** Undefined where a look at it may never come back. */
  tmpdir?: string;
  /** Its TMPDIR is a tmpfs in a mount namespace of its own: out here there is an empty directory. */
  isInMemory?: boolean;
}

/** Of all sessions, also of those that cannot be looked at. */
export async function sessionNames(env: NodeJS.ProcessEnv, root: string | undefined): Promise<SessionName[]> {
  const roots = await rootsToLookIn(env, root);
  const named = (await sessionsUnder(roots)).map(({ id, at }) => {
    const { lease } = readLease(at, id);
    const isInMemory = lease?.isolate?.sizeBytes !== undefined;
    return { id, label: lease?.label ?? null, tmpdir: tmpDir(at), isInMemory };
  });
  return [...named, ...closedSessions(roots).map(({ id }) => ({ id, label: null }))];
}
