// All profiles, and which one a command gets.
import { claude } from './claude.js';
import { codex } from './codex.js';
import { gemini } from './gemini.js';
import { generic } from './generic.js';
import type { BackendName, BackendProfile } from './profile.js';

/** Words for `--backend`. */
export const BACKENDS = ['auto', 'claude', 'codex', 'gemini', 'generic'] as const satisfies readonly (
  | 'auto'
  | BackendName
)[];

export type BackendChoice = (typeof BACKENDS)[number];

/** The profile a user chose, or the one that recognises the command. */
export const profileFor = (choice: BackendChoice, command: readonly string[]): BackendProfile =>
  choice === 'auto'
    ? (SPECIFIC.find((profile) => profile.matches(command)) ?? generic)
    : profileNamed(choice);

/** The profile of this name; the generic one for a name from a newer version. */
export const profileNamed = (name: string): BackendProfile =>
  SPECIFIC.find((profile) => profile.name === name) ?? generic;

/** All that know an agent. */
export const agentProfiles = (): readonly BackendProfile[] => SPECIFIC;

const SPECIFIC: readonly BackendProfile[] = [claude, codex, gemini];
