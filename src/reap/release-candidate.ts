// Ends sessions that were judged. Where files to be kept are still in memory, the keeper that waits there is
// killed once they are on disk.
import { type Release, releaseAll } from '../end/release.js';
import type { ReleaseOptions } from '../end/release-options.js';
import type { Candidate } from '../judge/candidates.js';
import { killKeepers } from '../judge/left-keepers.js';
import type { Lease } from '../lease/lease.js';

/** Ends what is left of each, those of all under one grace period; removes or keeps one after the other. */
export async function* releaseCandidates(
  all: readonly Candidate[],
  changesFor: (candidate: Candidate) => Partial<ReleaseOptions>,
): AsyncGenerator<{ candidate: Candidate; end: Release }> {
  const waiting = [...all];
  for await (const end of releaseAll(all.map((one) => ({ ...one.releaseOptions, ...changesFor(one) })))) {
    const candidate = waiting.shift() as Candidate;
    if (end.state === 'kept' || end.state === 'removed') await letGo(candidate);
    yield { candidate, end };
  }
}

/** Kills its keeper: nobody needs what is in memory any more. */
export const letGo = ({ waiting }: Pick<Candidate, 'waiting'>): Promise<void> =>
  killKeepers(waiting ? [waiting] : []);

/** Another process copies the files out already, or uses the directory that they are to go to. */
export const isWaitedFor = ({ releaseOptions, remaining }: Candidate): boolean =>
  releaseOptions.copyOut !== undefined && remaining.some(({ why }) => why === 'holder');

/** Its lease where all are to be ended, also those that it lets live on. */
export function withoutSurvivors({ releaseOptions }: Candidate): Lease {
  const { survivors: _survivors, ...lease } = releaseOptions.lease;
  return lease;
}
