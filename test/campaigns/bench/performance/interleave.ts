// Takes turns: machines are noisy, so what is compared is measured alternately, and nobody is always the first.

/** One measurement, in its unit; undefined where it gives none. */
export type Subject = () => number | Promise<number>;

/** Measures each of `subjects` `runs` times; a round before that warms up unless `isCold`. */
export async function interleave<Name extends string>(
  subjects: Record<Name, Subject>,
  runs: number,
  { isCold = false } = {},
): Promise<Record<Name, number[]>> {
  const names = Object.keys(subjects) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let run = isCold ? 0 : -1; run < runs; run += 1)
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + Math.max(run, 0)) % names.length] as Name;
      const value = await subjects[name]();
      if (run >= 0) times[name].push(value);
    }
  return times;
}
