// Whether what was measured over days stays flat: the median of the second half against that of the first, after a time of
// warming up. Medians, since a single look falls into a garbage collection or between two sessions.

export interface Sample {
  hour: number;
  /** Bytes. */
  rss: number;
  descriptors: number;
  watchdogs: number;
  /** Directories of sessions in the root, and what is in its trash. */
  sessions: number;
  trash: number;
  /** Everything below the root, and below the state directory. */
  entries: number;
  state: number;
}

export type Measure = Exclude<keyof Sample, 'hour'>;

export interface Verdict {
  measure: Measure;
  first: number;
  second: number;
  isFlat: boolean;
}

/** A tenth is noise, and so much more: one session more or less, the heap's own way of growing. */
const NOISE: Record<Measure, number> = {
  rss: 4 * 2 ** 20,
  descriptors: 2,
  watchdogs: 1,
  sessions: 1,
  trash: 1,
  entries: 100,
  state: 1,
};
const WARM_UP = 0.2;

/** One verdict a measure; with fewer than ten samples none is flat: nothing is shown then. */
export function judge(samples: readonly Sample[]): Verdict[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const half = Math.floor(warm.length / 2);
  return (Object.keys(NOISE) as Measure[]).map((measure) => {
    const [first, second] = [warm.slice(0, half), warm.slice(half)].map((part) =>
      median(part.map((sample) => sample[measure])),
    ) as [number, number];
    const isFlat = samples.length >= 10 && second <= first * 1.1 + NOISE[measure];
    return { measure, first, second, isFlat };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
