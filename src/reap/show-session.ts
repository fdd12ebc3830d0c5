// One session with all that can be seen of it: what `qw-tmp show` prints.
import { basename } from 'node:path';
import type { Remaining } from '../end/remaining.js';
import { policyOf } from '../options.js';
import { readStat } from '../process/identity.js';
import { tmpDir } from '../root/layout.js';
import { type Largest, largest } from '../tree/largest.js';
import { findWork } from '../work/find-work.js';
import { asKeptWork } from '../work/kept-work.js';
import { atEnd } from './at-end.js';
import { candidates } from './candidates.js';
import { type SessionInfo, sessionInfo } from './list-sessions.js';
import { rootsToLookIn } from './session-dirs.js';

export interface ShownSession extends SessionInfo {
  /** Where its command was started. */
  cwd: string | null;
  /** It is to stay, however it ends. */
  keep: boolean;
  /** `holders`, each with its parent; null where that is gone or unknown. */
  processes: (Remaining & { parent: number | null })[];
  /** What takes most of its TMPDIR. */
  largest: Largest[];
  /** What would happen now, in sentences. */
  atEnd: string[];
}

/** Undefined when there is no session `id` any more. */
export async function showSession(
  id: string,
  env: NodeJS.ProcessEnv,
  root: string | undefined,
): Promise<ShownSession | undefined> {
  const policy = policyOf(env);
  const [candidate] = await candidates({
    ...policy,
    roots: await rootsToLookIn(env, root),
    wants: (dir) => basename(dir) === id,
    wantsSizes: true,
  });
  if (!candidate) return undefined;
  const { lease } = candidate.releaseOptions;
  const info = sessionInfo(candidate);
  const tmpdir = tmpDir(candidate.dir);
  // A list looks for work only in sessions without an owner.
  const isOpen = info.state !== 'orphan' && policy.work !== 'remove';
  const found = isOpen ? (await findWork(tmpdir)).work.map(asKeptWork) : info.work;
  const keep = candidate.releaseOptions.keep === true;
  return {
    ...info,
    work: found,
    cwd: candidate.found.kind === 'good' ? lease.cwd : null,
    keep,
    processes: info.holders.map((one) => ({ ...one, parent: parentOf(one.pid) })),
    largest: await largest(tmpdir, { withinMs: LOOK_MS, limit: 5 }),
    atEnd: atEnd({ ...info, keep, survivors: lease.survivors, work: found }),
  };
}

const parentOf = (pid: number): number | null => (pid > 0 ? (readStat(pid)?.ppid ?? null) : null);

const LOOK_MS = 1_000;
