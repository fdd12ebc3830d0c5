// Everything that was looked at. The findings are made of this and nothing else.
import type { Unseen } from '../root/mute.js';
import type { AgentFacts } from './agents.js';
import type { EnvironmentFacts } from './environment.js';
import type { LegacyFacts } from './legacy.js';
import type { MachineFacts } from './machine.js';
import type { RootFacts } from './roots.js';
import type { SessionSight, TrashSight } from './sessions.js';
import type { PlaceFacts } from './space.js';
import type { TmpfilesFacts } from './tmpfiles.js';
import type { UnmarkedRoot } from './unmarked.js';

export interface Facts {
  /** Where sessions may lie, in the order that is tried. */
  roots: RootFacts[];
  /** Those, registered roots and temp directories on a mount that does not answer. */
  unseen: Unseen[];
  /** The file systems of roots and temp directories. */
  places: PlaceFacts[];
  sessions: SessionSight[];
  /** Roots of version 0.1. */
  unmarked: UnmarkedRoot[];
  trash: TrashSight[];
  /** What agents left in the temp directories without us, largest first. */
  legacy: LegacyFacts[];
  agents: AgentFacts[];
  environment: EnvironmentFacts;
  machine: MachineFacts;
  tmpfiles: TmpfilesFacts;
  /** What could not be looked at to its end in the time there was. */
  cut: string[];
}
