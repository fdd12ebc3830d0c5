// How an agent is started in a session: environment and arguments as its profile wants them, and what its
// user should know before. Its version and its user's settings are looked at when they are asked for, and
// only where they decide something.
import { resolve } from 'node:path';
import { parseJson, readSettings, readText } from '../backends/agent-settings.js';
import { targetOf } from '../backends/command-target.js';
import type { DaemonUse } from '../backends/daemon.js';
import { realPathOf } from '../backends/find-program.js';
import { otherUserWarning } from '../backends/other-user.js';
import type { AgentSettings, BackendProfile, FoundSettings } from '../backends/profile.js';
import type { Version } from '../backends/version.js';
import { versionOf } from '../backends/version-of.js';
import { codeOf } from '../fs.js';
import { printable } from '../options.js';
import { ownUid } from '../root/trusted.js';
import { daemonUse } from './agent-daemon.js';
import { outsideEnv, sessionEnv } from './env.js';
import { keepSettings, type SettingsPlace } from './keep-settings.js';
import type { Settings } from './settings.js';
import { tellCommand } from './tell-command.js';

export interface AgentStart {
  /** A copy of `base` for the agent. */
  env(base: NodeJS.ProcessEnv): Record<string, string>;
  /** Nothing of the session goes to the agent: it hands its environment to a daemon that others use too. */
  isOutside(): boolean;
  args(command: string, args: readonly string[]): string[];
  /** One line each, each once; grows with the calls of `args` and `warn`. */
  readonly warnings: readonly string[];
  warn(line: string): void;
}

interface Parts {
  id: string;
  /** Root and TMPDIR as the agent sees them. */
  root: string;
  tmpdir: string;
  /** Where its settings file is kept, and what the agent calls that directory. */
  keep: SettingsPlace;
  profile: BackendProfile;
  settings: Pick<Settings, 'command' | 'cwd' | 'env' | 'daemon' | 'tell'>;
  /** Warnings that come before its own. */
  known: readonly string[];
}

export function agentStart({
  id,
  root,
  tmpdir,
  keep,
  profile,
  settings: asked,
  known: told,
}: Parts): AgentStart {
  const { command: opened, cwd, env } = asked;
  const place = { env, cwd };
  const warnings: string[] = [];
  const warn = (line: string) => {
    if (!warnings.includes(printable(line))) warnings.push(printable(line));
  };
  for (const line of told) warn(line);
  let command = opened.length > 0 ? opened : [profile.name];
  const caller = { isRoot: ownUid() === 0, name: env['USER'] || env['LOGNAME'] };
  const warnOfOther = () => {
    const line = otherUserWarning(command, caller);
    if (line) warn(line);
  };
  warnOfOther();
  const warnOfReplaced = () => {
    for (const name of profile.replaced ?? [])
      if (env[name] && !env['QW_SESSION'])
        warn(
          `${name} is not passed on: ${profile.name} writes to the session's TMPDIR; ` +
            '--root says where that lies',
        );
  };
  let known: { of: string; version: Version | undefined } | undefined;
  const version = () => {
    if (!profile.version) return undefined;
    const of = command.join('\0');
    if (known?.of !== of) known = { of, version: versionOf(profile.version, command, place) };
    return known.version;
  };
  let found: FoundSettings[] | undefined;
  let used: DaemonUse | undefined;
  const decide = (argsAt: number | undefined, settings: AgentSettings) => {
    used = daemonUse({ profile, command, argsAt, settings, asked, session: { id, tmpdir } });
    if (used.warning) warn(used.warning);
    return used;
  };
  const use = () => used ?? decide(ownArgsAt(profile, command, place), settingsFor(false));
  const settingsFor = (canCarry: boolean): AgentSettings => ({
    get version() {
      return version();
    },
    get found() {
      found ??= readSettings(profile.settings, {
        ...place,
        onBroken: (path, why) =>
          warn(`cannot read ${path} (${why}): qw-run does not see what it sets for ${profile.name}`),
      });
      return found;
    },
    read: (path) => parseJson(readText(resolve(cwd, path))),
    keep: (content) => {
      try {
        return canCarry ? keepSettings(keep, content) : undefined;
      } catch (error) {
        return void warn(`cannot write settings for ${profile.name} (${codeOf(error)})`);
      }
    },
    hook: (event) => {
      try {
        return canCarry && asked.tell ? tellCommand({ event, root, tmpdir, place: keep }) : undefined;
      } catch (error) {
        return void warn(`the model is not told when the disk is full (${codeOf(error)})`);
      }
    },
    warn,
  });
  return {
    warnings,
    warn,
    env: (base) => {
      const { isOutside, env: more = {} } = use();
      if (isOutside) return outsideEnv(base, more);
      const told = profile.tell?.(settingsFor(true), base);
      return sessionEnv(base, { id, root, tmpdir }, { ...profile.env(tmpdir, version), ...more, ...told });
    },
    isOutside: () => use().isOutside === true,
    args: (file, args) => {
      command = [file, ...args];
      found = undefined;
      warnOfOther();
      warnOfReplaced();
      const at = ownArgsAt(profile, command, place);
      const settings = settingsFor(at !== undefined);
      for (const line of profile.warnings(tmpdir, settings)) warn(line);
      const { args: added = [] } = decide(at, settings);
      const own = command.slice(at ?? 1);
      return [...command.slice(1, at ?? 1), ...added, ...profile.args(tmpdir, own, settings)];
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
