// What has to be true of every run under qw-run, and the known limits, as data: each with its reason, shown in the table.
import type { Mode } from './scenario.js';
import type { Exit } from './stage/row.js';

export interface Expected {
  exit: readonly Exit[] | 'as alone';
  /** Patterns of what may be left in /tmp and elsewhere. */
  tmp: readonly string[];
  elsewhere: readonly string[];
  /** Processes that may be left. */
  processes: readonly string[];
  /** Where mktemp of a command makes its file. */
  makes: readonly string[];
  /** mktemp of a command fails. */
  failsToMake: boolean;
  limits: readonly Limit[];
}

export interface Limit extends Partial<Omit<Expected, 'exit' | 'limits'>> {
  exit?: readonly Exit[];
  cli?: string;
  /** First version that is not affected; last that is not yet. */
  before?: string;
  after?: string;
  scenarios?: readonly string[];
  /** How the agent was started. */
  mode?: Mode;
  because: string;
}

export interface Case {
  cli: string;
  version: string;
  scenario: string;
  mode?: Mode;
  makes?: readonly string[];
  /** Has to live on. */
  holder?: string;
}

const CLEAN: Expected = {
  exit: 'as alone',
  tmp: [],
  elsewhere: [],
  processes: [],
  makes: ['/tmp/qw-<uid>/*/tmp/**'],
  failsToMake: false,
  limits: [],
};

/** Clean, but for the limits that apply. */
export function expectedOf(one: Case, limits: readonly Limit[]): Expected {
  return limits
    .filter((limit) => applies(limit, one))
    .reduce(withLimit, {
      ...CLEAN,
      makes: one.makes ?? CLEAN.makes,
      processes: one.holder === undefined ? [] : [one.holder],
    });
}

const applies = ({ cli, before, after, scenarios, mode }: Limit, one: Case): boolean =>
  (mode === undefined || mode === one.mode) &&
  (cli === undefined || cli === one.cli) &&
  (before === undefined || isOlder(one.version, before)) &&
  (after === undefined || isOlder(after, one.version)) &&
  (scenarios === undefined || scenarios.includes(one.scenario));

const withLimit = (sum: Expected, limit: Limit): Expected => ({
  exit: limit.exit ?? sum.exit,
  tmp: [...sum.tmp, ...(limit.tmp ?? [])],
  elsewhere: [...sum.elsewhere, ...(limit.elsewhere ?? [])],
  processes: [...sum.processes, ...(limit.processes ?? [])],
  makes: [...sum.makes, ...(limit.makes ?? [])],
  failsToMake: limit.failsToMake ?? sum.failsToMake,
  limits: [...sum.limits, limit],
});

/** By the three numbers. */
export function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split(/[.-]/).slice(0, 3).map(Number));
  const at = [0, 1, 2].find((index) => a?.[index] !== b?.[index]);
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
