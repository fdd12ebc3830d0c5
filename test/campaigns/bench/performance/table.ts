// Figures as a Markdown table: median and quartiles of both sides, how they compare, and whether that is within the goal.

export type Line = Comparison | Skipped;

export interface Comparison {
  what: string;
  against: string;
  ours: readonly number[];
  /** Empty where the goal stands by itself. */
  peer: readonly number[];
  unit: string;
  /** Undefined where it is told for itself. */
  goal: Goal | undefined;
}

/** Not measured, and why. */
export interface Skipped {
  what: string;
  skipped: string;
}

/** `times`: ours over the peer's; `more`: ours minus the peer's; `at most`: ours. */
export type Goal = { is: 'times' | 'more' | 'at most'; limit: number };

export const table = (lines: readonly Line[]): string =>
  [
    '| what | against | runs | ours | peer | figure | goal |',
    '|---|---|---|---|---|---|---|',
    ...lines.map(row),
  ].join('\n');

function row(line: Line): string {
  if ('skipped' in line) return `| ${line.what} | | | | | | not measured: ${line.skipped} |`;
  const { what, against, ours, peer, unit } = line;
  const theirs = peer.length > 0 ? spread(peer, unit) : '';
  return `| ${[what, against, ours.length, spread(ours, unit), theirs, ...verdict(line)].join(' | ')} |`;
}

/** How they compare, and what was to be reached. */
function verdict({ ours, peer, unit, goal }: Comparison): [figure: string, goal: string] {
  if (goal === undefined) return ['', ''];
  const figure = compare(median(ours), median(peer), goal.is);
  const limit = `≤ ${show(goal.limit, goal.is, unit)}`;
  return [`**${show(figure, goal.is, unit)}**`, figure <= goal.limit ? limit : `${limit}: **missed**`];
}

const compare = (ours: number, peer: number, is: Goal['is']): number =>
  ({ times: ours / peer, more: ours - peer, 'at most': ours })[is];

function show(value: number, is: Goal['is'], unit: string): string {
  if (is === 'times') return `${value.toFixed(2)}×`;
  return `${is === 'more' && value >= 0 ? '+' : ''}${digits(value)} ${unit}`;
}

/** Median, and where the middle half lies. */
const spread = (values: readonly number[], unit: string): string =>
  values.length === 1
    ? `${digits(median(values))} ${unit}`
    : `${digits(median(values))} (${digits(quantile(values, 0.25))}–${digits(quantile(values, 0.75))}) ${unit}`;

const digits = (value: number): string =>
  value.toFixed(Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Between two values, in proportion. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  return low + ((sorted[Math.ceil(at)] ?? Number.NaN) - low) * (at % 1);
}
