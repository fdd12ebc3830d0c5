// Ends sessions that were judged. Where what is to be kept of one is in memory, our process that waits there
// ends once that is on disk.
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

/** Nobody needs what is in memory any more. */
export const letGo = ({ waiting }: Pick<Candidate, 'waiting'>): Promise<void> =>
  killKeepers(waiting ? [waiting] : []);

/** Somebody copies it out already, or is at work where it goes: their turn, or nobody's yet. */
export const isWaitedFor = ({ releaseOptions, remaining }: Candidate): boolean =>
  releaseOptions.copyOut !== undefined && remaining.some(({ why }) => why === 'holder');

/** Its lease where all are to be ended, also those that it lets live on. */
export function withoutSurvivors({ releaseOptions }: Candidate): Lease {
  const { survivors: _survivors, ...lease } = releaseOptions.lease;
  return lease;
}
