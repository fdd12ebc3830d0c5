// Which runs there are: every agent with every scenario that is for it, alone, under qw-run and under qw-exec. Pure.
import type { AgentCli } from './clis/cli.js';
import { isOlder } from './expected.js';
import type { Mode, Scenario } from './scenario.js';

export interface PlannedRun<Agent> {
  agent: Agent;
  scenario: Scenario;
  mode: Mode;
}

/** In the order of the tables. */
export const planned = <Agent extends { cli: AgentCli; version: string }>(
  agents: readonly Agent[],
  scenarios: readonly Scenario[],
): PlannedRun<Agent>[] =>
  agents.flatMap((agent) =>
    scenarios
      .filter(({ clis }) => clis === undefined || clis.includes(agent.cli.name))
      .filter(
        (scenario) => !isHardCoded(agent) || scenario.name === 'plain' || scenario.isolation !== undefined,
      )
      .filter((scenario) => !agent.cli.isTerminalOnly || isInTerminal(scenario))
      .filter(({ since }) => since === undefined || !isOlder(agent.version, since))
      .flatMap((scenario) => modesOf(scenario).map((mode) => ({ agent, scenario, mode }))),
  );

function modesOf({ story, pair, modes, ...how }: Scenario): readonly Mode[] {
  if (modes) return modes;
  if (pair) return ['qw-run', 'qw-exec'];
  if (story) return ['slot'];
  const isOurs = how.isWrapperKilled || how.isolation || how.volume || how.isHooked;
  return isOurs ? ['qw-run'] : ['alone', 'qw-run', 'qw-exec'];
}

const isInTerminal = ({ pair, story, isInterrupted }: Scenario): boolean =>
  isInterrupted === true || (pair !== undefined && story === undefined);

/** Claude before it could be told where to write: measured where that can be seen, alone and isolated. */
const isHardCoded = ({ cli, version }: { cli: AgentCli; version: string }): boolean =>
  cli.name === 'claude' && isOlder(version, '2.1.5');

/** Does `work` for all, `jobs` at a time; results in order. */
export async function eachOf<T, R>(
  all: readonly T[],
  jobs: number,
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < all.length; index = next++) results[index] = await work(all[index] as T);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}
