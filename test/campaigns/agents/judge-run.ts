// Whether a run under qw-run was as expected. Pure.
import type { AgentCli } from './clis/cli.js';
import type { Expected, Limit } from './expected.js';
import { isOneOf } from './patterns.js';
import type { Scenario } from './scenarios.js';
import type { Exit, LeftFile, Measured } from './stage/row.js';

/** Did the scenario happen at all? What did not, alone or wrapped. */
export const missing = (scenario: Scenario, measured: Measured): string[] => {
  const { starts, blow, commands, volume, pair, story } = scenario;
  const { started, exit, ran, made, isTold } = measured;
  const wanted = pair ? 0 : lastStays(scenario) ? commands.length - 1 : commands.length;
  return [
    ...(ran < wanted ? [`ran ${ran} of ${wanted} commands`] : []),
    ...(made === '' && !pair && !story && commands.some(makesFile) ? ['mktemp told nothing'] : []),
    ...(isTold === (volume?.isTold ?? false)
      ? []
      : [`the model was ${isTold ? '' : 'not '}told of a full disk`]),
    ...starts.filter((name) => !started.includes(name)).map((name) => `${name} was never seen`),
    ...((blow === undefined && exit !== 0) || exit === 'no result' ? [`exit ${exit}`] : []),
  ];
};

/** Its last command is never answered. */
const lastStays = ({ blow, isWrapperKilled, isInDaemon }: Scenario): boolean =>
  isInDaemon === true || (blow !== undefined && !isWrapperKilled);

const makesFile = (command: string): boolean => command.includes('> made');

/** Faults of a wrapped run, none when it was as expected. `alone` is how the agent ended without us. */
export function faultsOf(measured: Measured, expected: Expected, alone: Exit | undefined): string[] {
  const { exit, tmp, root, elsewhere, processes, meanwhile, made } = measured;
  const exits = expected.exit === 'as alone' ? [alone ?? exit] : expected.exit;
  return [
    ...(exits.includes(exit) ? [] : [`exit ${exit} instead of ${exits.join(' or ')}`]),
    ...unexpected(tmp, expected.tmp).map((path) => `/tmp/${path}`),
    ...unexpected(elsewhere, expected.elsewhere),
    ...processes.filter((name) => !expected.processes.includes(name)).map((name) => `${name} runs`),
    ...(root.length > 0 ? ['TMPDIR stays'] : []),
    ...meanwhile,
    ...misplaced(made, expected),
  ];
}

/** Reasons of the limits that this run met. */
export const metLimits = (measured: Measured, { limits }: Expected): string[] =>
  limits.filter((limit) => isMet(limit, measured)).map(({ because }) => because);

const isMet = (limit: Limit, { exit, tmp, elsewhere, processes, made }: Measured): boolean =>
  (limit.exit?.includes(exit) ?? false) ||
  tmp.some(({ path }) => isOneOf(limit.tmp ?? [], path)) ||
  elsewhere.some(({ path }) => isOneOf(limit.elsewhere ?? [], path)) ||
  processes.some((name) => limit.processes?.includes(name)) ||
  (made === 'failed' && limit.failsToMake === true);

const unexpected = (files: readonly LeftFile[], allowed: readonly string[]): string[] =>
  files.map(({ path }) => path).filter((path) => !isOneOf(allowed, path));

/** `made` is empty where the scenario makes nothing. */
function misplaced(made: string, { makes, failsToMake }: Expected): string[] {
  if (made === '') return [];
  if (failsToMake) return made === 'failed' ? [] : [`mktemp worked: ${made}`];
  return isOneOf(makes, made) ? [] : [`mktemp: ${made}`];
}

/** Without what the agent keeps on purpose, and we: which roots there ever were, and what became of sessions. */
export const withoutKept = (measured: Measured, { keeps, drops }: AgentCli): Measured => ({
  ...measured,
  elsewhere: measured.elsewhere.filter(
    ({ path }) => !isOneOf([...keeps, OUR_NOTE], path) || isOneOf(drops, path),
  ),
});

const OUR_NOTE = '~/.local/state/qw-run/**';
