// How an agent is started in a session: environment and arguments as its profile wants them, and what its
// user should know before. Its version and its user's settings are looked at when they are asked for, and
// only where they decide something.
import { resolve } from 'node:path';
import { parseJson, readSettings, readText } from '../backends/agent-settings.js';
import { targetOf } from '../backends/command-target.js';
import { realPathOf } from '../backends/find-program.js';
import type { AgentSettings, BackendProfile } from '../backends/profile.js';
import type { Version } from '../backends/version.js';
import { versionOf } from '../backends/version-of.js';
import { codeOf } from '../fs.js';
import { printable } from '../options.js';
import { keepSettings, type SettingsPlace } from './keep-settings.js';
import type { Settings } from './settings.js';

export interface AgentStart {
  /** Variables of the profile. */
  env(): Record<string, string>;
  args(command: string, args: readonly string[]): string[];
  /** One line each, each once; grows with the calls of `args`. */
  readonly warnings: readonly string[];
}

interface Parts {
  /** TMPDIR as the agent sees it. */
  tmpdir: string;
  /** Where its settings file is kept, and what the agent calls that directory. */
  keep: SettingsPlace;
  profile: BackendProfile;
  settings: Pick<Settings, 'command' | 'cwd' | 'env'>;
  /** Warnings that come before its own. */
  known: readonly string[];
}

export function agentStart({
  tmpdir,
  keep,
  profile,
  settings: { command: opened, cwd, env },
  known: told,
}: Parts): AgentStart {
  const place = { env, cwd };
  const warnings: string[] = [];
  const warn = (line: string) => {
    if (!warnings.includes(printable(line))) warnings.push(printable(line));
  };
  for (const line of told) warn(line);
  let command = opened.length > 0 ? opened : [profile.name];
  let known: { of: string; version: Version | undefined } | undefined;
  const version = () => {
    if (!profile.version) return undefined;
    const of = command.join('\0');
    if (known?.of !== of) known = { of, version: versionOf(profile.version, command, place) };
    return known.version;
  };
  const settingsFor = (canCarry: boolean): AgentSettings => ({
    version: version(),
    found: readSettings(profile.settings, {
      ...place,
      onBroken: (path, why) =>
        warn(`cannot read ${path} (${why}): what it sets for ${profile.name} is not seen`),
    }),
    read: (path) => parseJson(readText(resolve(cwd, path))),
    keep: (content) => {
      try {
        return canCarry ? keepSettings(keep, content) : undefined;
      } catch (error) {
        return void warn(`cannot write settings for ${profile.name} (${codeOf(error)})`);
      }
    },
    warn,
  });
  return {
    warnings,
    env: () => profile.env(tmpdir, version()),
    args: (file, args) => {
      command = [file, ...args];
      const at = ownArgsAt(profile, command, place);
      const settings = settingsFor(at !== undefined);
      for (const line of profile.warnings(tmpdir, settings)) warn(line);
      const own = command.slice(at ?? 1);
      return [...command.slice(1, at ?? 1), ...profile.args(tmpdir, own, settings)];
    },
  };
}

/**
 * Where the agent's own arguments begin; undefined where the command is not seen to start it, or takes none.
 */
function ownArgsAt(
  profile: BackendProfile,
  command: readonly string[],
  place: { env: NodeJS.ProcessEnv; cwd: string },
): number | undefined {
  const target = targetOf(command);
  if (!target) return undefined;
  const path = () => realPathOf(target, place);
  return profile.matches(command) || profile.matches([path() ?? '']) ? target.argsAt : undefined;
}
