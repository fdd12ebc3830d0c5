// One command that starts an agent: what of it and of its user's settings decides how it is started. Looked
// at when it is asked for, and once.
import { resolve } from 'node:path';
import { parseJson, readSettings, readText } from '../backends/agent-settings.js';
import { realPathOf, targetOf } from '../backends/command-target.js';
import type { DaemonUse } from '../backends/daemon.js';
import type { AgentSettings, BackendProfile } from '../backends/profile.js';
import type { Version } from '../backends/version.js';
import { versionOf } from '../backends/version-of.js';
import { codeOf } from '../fs.js';
import type { Sight } from '../isolate/mount-plan.js';
import { once } from '../once.js';
import { keepSettings } from './keep-settings.js';
import type { Settings } from './settings.js';
import { strayCommand } from './stray-command.js';
import { tellCommand } from './tell-command.js';

export interface AgentCommand {
  /** Where its own arguments begin; undefined where it is not seen to start the agent, or takes none. */
  argsAt(): number | undefined;
  version(): Version | undefined;
  /** `canCarry`: it can be told the path of a file, or a hook. */
  settings(canCarry: boolean): AgentSettings;
  /** Where its commands run: the profile decides, by what of its own words can be seen. */
  daemon(): DaemonUse;
}

export interface Agent {
  id: string;
  seen: Sight;
  profile: BackendProfile;
  settings: Pick<Settings, 'command' | 'cwd' | 'env' | 'daemon' | 'tell'>;
  warn(line: string): void;
}

export function agentCommand(command: readonly string[], agent: Agent): AgentCommand {
  const { id, seen, profile, settings: asked, warn } = agent;
  const { env, cwd } = asked;
  const argsAt = once(() => {
    const target = targetOf(command);
    if (!target) return undefined;
    const isAgent = profile.matches(command) || profile.matches([realPathOf(target, asked) ?? '']);
    return isAgent ? target.argsAt : undefined;
  });
  const version = once(() => profile.version && versionOf(profile, command, asked));
  const found = once(() => readSettings(profile, { env, cwd }, warn));
  /** The agent starts all the same where the system refuses. */
  const orWarn = <T>(what: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      return void warn(`${what} (${codeOf(error)})`);
    }
  };
  const settings = (canCarry: boolean): AgentSettings => ({
    get version() {
      return version();
    },
    get found() {
      return found();
    },
    read: (path) => parseJson(readText(resolve(cwd, path))),
    keep: (content) =>
      canCarry
        ? orWarn(`cannot write settings for ${profile.name}`, () => keepSettings(seen.files, content))
        : undefined,
    hook: (event) =>
      canCarry && asked.tell
        ? orWarn('the model is not told when the disk is full', () => tellCommand(event, seen))
        : undefined,
    strayHook: (event) => (canCarry && asked.tell ? strayCommand(event, seen.tmpdir) : undefined),
    warn,
  });
  const daemon = once(() => {
    const at = argsAt();
    const use = profile.daemon?.({
      wanted: asked.daemon,
      args: at === undefined ? wordsAfter(profile, command) : command.slice(at),
      canAdd: at !== undefined,
      env,
      settings: settings(false),
      session: { id, tmpdir: seen.tmpdir },
    });
    if (use?.warning) warn(use.warning);
    return use ?? {};
  });
  return { argsAt, version, settings, daemon };
}

/** To be read only: what comes after the agent's name in a shell's script, or behind a runner's options. */
function wordsAfter(profile: BackendProfile, command: readonly string[]): string[] {
  const words = command.flatMap((word) => word.trim().split(/\s+/));
  const at = words.findIndex((word) => profile.matches([word]) || profile.matches(['npx', word]));
  return at < 0 ? [] : words.slice(at + 1);
}
