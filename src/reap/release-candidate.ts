// Ends a session that was judged. Where what is to be kept of it is in memory, our process that waits there
// goes once that is on disk.
import { untilGone } from '../end/end-members.js';
import { type Release, release } from '../end/release.js';
import type { ReleaseOptions } from '../end/release-options.js';
import { signalProcess } from '../end/signal.js';
import { DEFAULT_GRACE_MS } from '../options.js';
import type { Candidate } from './candidates.js';
import type { ReapReport } from './reap-report.js';

/** Ends what is left of it, and removes or keeps it. */
export async function releaseCandidate(
  candidate: Candidate,
  changes: Partial<ReleaseOptions> = {},
): Promise<Release> {
  const end = await release({ ...candidate.releaseOptions, graceMs: DEFAULT_GRACE_MS, ...changes });
  if (end.state === 'kept' || end.state === 'removed') await letGo(candidate);
  return end;
}

/** Nobody needs what is in memory any more. */
export async function letGo({ waiting }: Pick<Candidate, 'waiting'>): Promise<void> {
  if (waiting && signalProcess(waiting, 'SIGKILL')) await untilGone([waiting], GONE_MS);
}

/** Somebody copies it out already, or is at work where it goes: their turn, or nobody's yet. */
export const isWaitedFor = ({ releaseOptions, remaining }: Candidate): boolean =>
  releaseOptions.copyOut !== undefined && remaining.some(({ why }) => why === 'holder');

/** What nobody copied out, since the watchdog was killed too. */
export async function keepWhatWaits(found: readonly Candidate[], report: ReapReport): Promise<void> {
  for (const candidate of found)
    if (candidate.state === 'kept' && candidate.releaseOptions.copyOut)
      report.failed.push(...(await releaseCandidate(candidate)).failed);
}

const GONE_MS = 500; // SIGKILL acts at once
