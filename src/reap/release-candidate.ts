// Ends sessions that were judged. Where files to be kept are still in memory, the keeper that waits there is
// killed once they are on disk.
import { type Release, releaseAll } from '../end/release.js';
import type { ReleaseOptions } from '../end/release-options.js';
import type { Candidate } from '../judge/candidates.js';
import { killKeepers } from '../judge/left-keepers.js';

export interface ReleaseChoices extends Pick<ReleaseOptions, 'keep' | 'work' | 'graceMs'> {
  /** Also processes that the session lets live on (`--survivors keep`). */
  endsSurvivors?: boolean;
}

/** Ends what is left of each, those of all under one grace period; removes or keeps one after the other. */
export async function* releaseCandidates(
  all: readonly Candidate[],
  { endsSurvivors = false, ...choices }: ReleaseChoices = {},
): AsyncGenerator<{ candidate: Candidate; end: Release }> {
  const waiting = [...all];
  const ends = all.map(({ releaseOptions: { lease, ...options } }) => {
    const { survivors: _survivors, ...without } = lease;
    return { ...options, ...choices, lease: endsSurvivors ? without : lease };
  });
  for await (const end of releaseAll(ends)) {
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
