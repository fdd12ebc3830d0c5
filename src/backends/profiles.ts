// All profiles, and which one a command gets.
import { agent, generic } from './agent.js';
import { claude } from './claude.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { type Place, realPathOf, targetOf } from './command-target.js';
import { gemini } from './gemini.js';
import type { UnitPattern } from './patterns.js';
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

// The rest need next to nothing but TMPDIR, TMP and TEMP: recognised, so that lists, receipts and doctor name
// them, and what they leave without us is known to be theirs.

/**
 * The library of its runtime, a new one with each start, as Bun names it: open as long as that runs. Its
 * `opencode/` is shared by all its sessions.
 */
const LIBRARY: UnitPattern = { path: '.<hex:16>-<hex:8>.so', shape: { kind: 'file' } };

const opencode = agent({
  name: 'opencode',
  pack: 'opencode-ai',
  entry: /\/node_modules\/opencode-(ai|[a-z0-9-]+)\/bin\/(opencode|\.opencode|opencode\.exe)$/,
  units: [LIBRARY],
  legacy: [LIBRARY],
});

const copilot = agent({
  name: 'copilot',
  pack: '@github/copilot',
  entry: /\/@github\/copilot\/(index|npm-loader)\.js$/,
  args: (_tmpdir, args, { warn }) => {
    const isPrompt = args.some((arg) => /^(-p|--prompt)(=|$)/.test(arg));
    const mayWrite = args.some((arg) => /^--(add-dir|allow-all-paths|allow-all|yolo)(=|$)/.test(arg));
    if (isPrompt && !mayWrite)
      warn('copilot -p lets its commands write to TMPDIR, not to /tmp: --add-dir /tmp allows that');
    return [...args];
  },
});

const qwen = agent({
  name: 'qwen',
  pack: '@qwen-code/qwen-code',
  entry: /\/@qwen-code\/qwen-code\/(cli|dist\/(index|cli))\.js$/,
});

const amp = agent({
  name: 'amp',
  pack: '@sourcegraph/amp',
  entry: /\/@sourcegraph\/amp\/(dist\/main|bin\/amp)\.js$/,
});

const SPECIFIC: readonly BackendProfile[] = [claude, codex, gemini, cline, opencode, copilot, qwen, amp];
