// From what was measured to rows with a verdict: a wrapped run is compared with the same one alone. Pure.
import { expectedOf, type Limit } from './expected.js';
import type { Installed } from './install.js';
import { faultsOf, missing, withoutKept } from './judge-run.js';
import type { PlannedRun } from './plan.js';
import type { Measured } from './stage/row.js';
import type { Row } from './table.js';

export interface Done {
  run: PlannedRun<Installed>;
  measured: Measured;
  /** The day it was measured. */
  date: string;
}

/** Rows in the order of the runs. */
export const rowsOf = (
  done: readonly Done[],
  limits: readonly Limit[],
): (Row & Pick<Done, 'run' | 'date'>)[] =>
  done.map(({ run, measured: whole, date }) => {
    const { agent, scenario, mode } = run;
    const measured = withoutKept(whole, agent.cli);
    const absent = missing(scenario, measured);
    if (mode === 'alone')
      return { run, date, scenario, mode, measured, faults: [...absent, ...measured.meanwhile] };
    const one = {
      cli: agent.cli.name,
      version: agent.version,
      ...{ scenario: scenario.name, mode },
      ...(scenario.holder === undefined ? {} : { holder: scenario.holder }),
      ...(scenario.isolation ? { makes: scenario.isolation.makes } : {}),
    };
    const expected = expectedOf(one, limits);
    const alone = done.find((other) => isSame(other.run, run))?.measured.exit;
    return {
      run,
      date,
      scenario,
      mode,
      measured,
      expected,
      faults: [...absent, ...faultsOf(measured, expected, alone)],
    };
  });

const isSame = (one: Done['run'], other: Done['run']): boolean =>
  one.agent === other.agent && one.scenario === other.scenario && one.mode === 'alone';
