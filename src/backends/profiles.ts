// All profiles, and which one a command gets.
import { generic } from './agent.js';
import { amp, copilot, opencode, qwen } from './by-name.js';
import { claude } from './claude.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { targetOf } from './command-target.js';
import { type Place, realPathOf } from './find-program.js';
import { gemini } from './gemini.js';
import type { BackendChoice, BackendProfile } from './profile.js';

/**
 * The profile a user chose, or the one that recognises the command: by its words, else by the file that they
 * lead to.
 */
export function profileFor(choice: BackendChoice, command: readonly string[], place: Place): BackendProfile {
  if (choice !== 'auto') return profileNamed(choice);
  const byWords = SPECIFIC.find((profile) => profile.matches(command));
  if (byWords) return byWords;
  const target = targetOf(command);
  const path = target && realPathOf(target, place);
  return (path && SPECIFIC.find((profile) => profile.matches([path]))) || generic;
}

/** The profile of this name; the generic one for a name from a newer version. */
export const profileNamed = (name: string): BackendProfile =>
  SPECIFIC.find((profile) => profile.name === name) ?? generic;

/** All that know an agent. */
export const agentProfiles = (): readonly BackendProfile[] => SPECIFIC;

const SPECIFIC: readonly BackendProfile[] = [claude, codex, gemini, cline, opencode, copilot, qwen, amp];
