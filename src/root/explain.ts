// Why sessions lie where they do: every candidate root with what speaks for and against it. Nothing is
// chosen, made or written here; only the probe proves that a root can be written, when a session is opened.
import { orRefusal, QwRunError, type QwRunErrorCode } from '../errors.js';
import { attempt, fs } from '../fs.js';
import { considerRoot } from './guard.js';
import { tmpdirBytes } from './layout.js';
import type { RootCandidate } from './locate.js';
import { hasUserQuota, isNoexec, type Mount, mountOf, readMounts } from './mounts.js';
import { muteOn } from './mute.js';
import { nearestExisting } from './nearest-existing.js';
import { candidateRoots } from './roots.js';

export interface ExplainedRoot extends Omit<RootCandidate, 'isNoexec'> {
  /** It is there already; otherwise it would be made. */
  exists: boolean;
  /** Safe and short enough. Not whether it can be written. */
  usable: boolean;
  /** Why it would be passed over, or refused where it was named. */
  refusal: { code: QwRunErrorCode; message: string } | null;
  /** Length of a session's TMPDIR there; at most 48. */
  tmpdirBytes: number;
  /** What it lies on; null without procfs. */
  mount: Mount | null;
  /** A tmpfs on which each user has a quota: free space says nothing there. */
  hasUserQuota: boolean;
  /** Nothing can be executed there. */
  isNoexec: boolean;
}

/**
 * The candidates for `env` in the order they are tried; `named` is a flag or option.
 * @throws QwRunError `ERR_QW_USAGE` for a name that is empty or no string
 */
export function explainRoots(env: NodeJS.ProcessEnv, named?: string): ExplainedRoot[] {
  const mounts = readMounts();
  return candidateRoots(env, named).map((candidate) => {
    const verdict = consider(candidate.path, mounts);
    const mount = muteOn(verdict.path, mounts) ?? mountOf(nearestExisting(verdict.path), mounts);
    return {
      ...candidate,
      ...verdict,
      tmpdirBytes: tmpdirBytes(verdict.path),
      mount: mount ?? null,
      hasUserQuota: hasUserQuota(mount),
      isNoexec: isNoexec(mount),
    };
  });
}

function consider(
  wanted: string,
  mounts: readonly Mount[],
): Pick<ExplainedRoot, 'path' | 'exists' | 'usable' | 'refusal'> {
  const found = orRefusal(() => considerRoot(wanted, mounts));
  if (!(found instanceof QwRunError))
    return { path: found.path, exists: found.state !== 'missing', usable: true, refusal: null };
  const exists = !muteOn(wanted, mounts) && attempt(() => fs.lstatSync(wanted)) !== undefined;
  const { code, message, path = wanted } = found;
  return { path, exists, usable: false, refusal: { code, message } };
}
