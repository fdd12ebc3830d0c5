// Whether a run under qw-run was as expected. Pure.
import type { AgentCli } from './clis/cli.js';
import type { Expected, Limit } from './expected.js';
import { isOneOf } from './patterns.js';
import type { Scenario } from './scenario.js';
import type { Exit, LeftFile, Measured } from './stage/row.js';

/** Did the scenario happen at all? What did not, alone or wrapped. */
export const missing = (scenario: Scenario, measured: Measured): string[] => {
  const { starts, blow, commands, volume } = scenario;
  const { started, exit, began, ran, made, isTold } = measured;
  const { begin, end } = wantedOf(scenario);
  return [
    ...(began < begin ? [`began ${began} of ${begin} commands`] : []),
    ...(ran < end ? [`ran ${ran} of ${end} commands`] : []),
    ...(made === '' && begin > 0 && commands.some(makesFile) ? ['mktemp told nothing'] : []),
    ...(isTold === (volume?.isTold ?? false)
      ? []
      : [`the model was ${isTold ? '' : 'not '}told of a full disk`]),
    ...starts.filter((name) => !started.includes(name)).map((name) => `${name} was never seen`),
    ...((blow === undefined && exit !== 0) || exit === 'no result' ? [`exit ${exit}`] : []),
  ];
};

/** How many commands have to begin, and how many to come back to the model. A story and a pair of terminals prove it by themselves. */
function wantedOf({ commands, blow, pair, story, volume, ...how }: Scenario): { begin: number; end: number } {
  if (pair || story) return { begin: 0, end: 0 };
  // With its quota used up no file can be made: the agent itself has none for the output of the next command.
  if (volume?.kind === 'quota') return { begin: 1, end: commands.length };
  if (how.isInterrupted) return { begin: 2, end: 0 };
  const lastStays = how.isInDaemon || (blow !== undefined && !how.isWrapperKilled);
  return { begin: commands.length, end: lastStays ? commands.length - 1 : commands.length };
}

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
  const wrong = made.split('\n').filter((path) => !isOneOf(makes, path));
  return wrong.map((path) => `mktemp: ${path}`);
}

/** Without what the agent keeps on purpose, and we: which roots there ever were, and what became of sessions. */
export const withoutKept = (measured: Measured, { keeps, drops }: AgentCli): Measured => ({
  ...measured,
  elsewhere: measured.elsewhere.filter(
    ({ path }) => !isOneOf([...keeps, OUR_NOTE], path) || isOneOf(drops, path),
  ),
});

const OUR_NOTE = '~/.local/state/qw-run/**';
