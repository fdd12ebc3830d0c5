// Everything that was looked at, and the verdict: what should be done, gravest first, each with the one
// command that fixes it. Pure; the table in docs/doctor.md is this function.
import type { Failure } from '../errors.js';
import { type AgentFacts, agentFindings } from './agents.js';
import { type EnvironmentFacts, environmentFindings } from './environment.js';
import { type Finding, note, type Weight, warning } from './finding.js';
import { type LegacyFacts, legacyFindings } from './legacy.js';
import { type MachineFacts, machineFindings } from './machine.js';
import { type RootFacts, rootFindings } from './roots.js';
import { type SessionSight, sessionFindings, type TrashSight } from './sessions.js';
import { type PlaceFacts, spaceFindings } from './space.js';
import { startFileFinding } from './start-files.js';

export interface Facts {
  /** Where sessions may lie, in the order that is tried. */
  roots: RootFacts[];
  /** Those, registered roots and temp directories on a mount that does not answer. */
  unseen: Failure[];
  /** The file systems of roots and temp directories. */
  places: PlaceFacts[];
  sessions: SessionSight[];
  trash: TrashSight[];
  /** What agents left in the temp directories without us, largest first. */
  legacy: LegacyFacts[];
  agents: AgentFacts[];
  environment: EnvironmentFacts;
  machine: MachineFacts;
  /** What could not be looked at to its end in the time there was. */
  cut: string[];
}

export function findings(facts: Facts): Finding[] {
  const all = [...findingsIn(facts)];
  return WEIGHTS.flatMap((weight) => all.filter((finding) => finding.weight === weight));
}

/** Something is to be done. */
export const isAnythingToDo = (found: readonly Finding[]): boolean =>
  found.some(({ weight }) => weight !== 'note');

function* findingsIn(facts: Facts): Iterable<Finding> {
  const { environment, machine, cut } = facts;
  yield* spaceFindings(facts);
  yield* rootFindings(
    facts.roots,
    environment.settings.some(({ name }) => name === 'QW_ROOT'),
  );
  yield* facts.unseen.map(muteMount);
  yield* environmentFindings(environment);
  yield* machineFindings(machine, environment.settings);
  yield* environment.startFiles.map(startFileFinding);
  yield* facts.agents.flatMap(agentFindings);
  yield* sessionFindings({ ...facts, isReaping: environment.isReaping });
  yield* legacyFindings(facts.legacy);
  if (cut.length > 0)
    yield note('time-up', cut.join(', '), {
      text: 'there was no time to look at everything: sizes show what was seen',
      command: 'qw-tmp doctor --time 5m',
    });
}

const muteMount = ({ path, reason, hint }: Failure): Finding =>
  warning('mute-mount', path, {
    text: `${reason}: qw-run lists and reaps nothing there${hint && '; whoever looks there waits for good'}`,
    command: hint || 'ulimit -a', // nobody could be sent there
  });

/** Gravest first. */
export const WEIGHTS: readonly Weight[] = ['problem', 'warning', 'note'];
