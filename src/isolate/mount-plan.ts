// Which mounts make a session's private TMPDIR, as arguments for bubblewrap, and what the agent sees of it.
// Pure. The rest of the file system stays as it is: this is tidiness, not a sandbox.
import { join } from 'node:path';
import { isWithin, markerDir, tmpDir } from '../root/layout.js';
import type { Isolation } from './isolation.js';

export interface PlanQuestion {
  isolation: Isolation;
  root: string;
  /** Session directory. */
  dir: string;
  /** `/tmp` and what else is to be covered, real paths. */
  covered: readonly string[];
  /** Paths below them that stay visible. */
  shared: readonly string[];
}

/** What an agent sees of its session. */
export interface Sight {
  /** The managed root for runs inside. */
  root: string;
  tmpdir: string;
  /** Where we keep files for it, and what it calls that directory. */
  files: { dir: string; seenAs: string };
}

export interface MountPlan extends Sight {
  /** bubblewrap's. */
  args: string[];
}

/**
 * The marker is a directory of the session bound into the new namespace: whoever has it in its mount table
 * belongs to the session, whatever became of its environment and its parents.
 */
export function planMounts({ isolation, root, dir, covered, shared }: PlanQuestion): MountPlan {
  const { mode, sizeBytes } = isolation;
  const tmp = tmpDir(dir);
  const marker = markerDir(dir);
  const whole = ['--dev-bind', '/', '/'];
  if (mode === 'tmpfs') {
    const mounts = [...bind(marker, marker), ...tmpfs(sizeBytes, '0700', tmp)];
    return { root, tmpdir: tmp, files: { dir: marker, seenAs: marker }, args: [...whole, ...mounts] };
  }
  const [first = '/tmp'] = covered;
  const isRootCovered = covered.some((cover) => isWithin(cover, root));
  const seenMarker = isRootCovered ? join(first, COVERED_MARKER) : marker;
  return {
    root: isRootCovered ? join(first, 'qw') : root,
    tmpdir: first,
    files: { dir: marker, seenAs: seenMarker },
    args: [
      ...whole,
      ...covered.flatMap((cover) =>
        sizeBytes === undefined ? bind(tmp, cover) : tmpfs(sizeBytes, '1777', cover),
      ),
      ...shared.flatMap((path) => bind(path, path)),
      ...bind(marker, seenMarker),
    ],
  };
}

const bind = (from: string, to: string): string[] => ['--bind', from, to];
const tmpfs = (sizeBytes: number | undefined, mode: string, to: string): string[] => [
  ...['--perms', mode, '--size', String(sizeBytes)],
  ...['--tmpfs', to],
];

/** In TMPDIR, since the session's own directory is covered; hidden, so that `rm -rf /tmp/*` passes it by. */
const COVERED_MARKER = '.qw-session';
