// How an agent is started in a session: environment and arguments as its profile wants them, and what its
// user should know before. What the command and the user's settings decide is looked at when it is asked for,
// and once.
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseJson, readSettings, readText } from '../backends/agent-settings.js';
import { realPathOf, targetOf } from '../backends/command-target.js';
import { otherUserWarning } from '../backends/other-user.js';
import type { AgentSettings, BackendProfile } from '../backends/profile.js';
import { versionOf } from '../backends/version-of.js';
import { codeOf } from '../fs.js';
import type { Sight } from '../isolate/mount-plan.js';
import { once } from '../once.js';
import { printable } from '../quote.js';
import { outsideEnv, sessionEnv } from './env.js';
import { keepSettings } from './keep-settings.js';
import type { Settings } from './settings.js';
import { strayCommand } from './stray-command.js';
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

interface Agent {
  id: string;
  seen: Sight;
  profile: BackendProfile;
  settings: Pick<Settings, 'command' | 'cwd' | 'env' | 'daemon' | 'tell'>;
  /** Warnings that come before its own. */
  known: readonly string[];
}

export function agentStart({ known, ...agent }: Agent): AgentStart {
  const { id, profile, settings } = agent;
  const { root, tmpdir } = agent.seen;
  const { env } = settings;
  const warnings: string[] = [];
  const warn = (line: string) => {
    if (!warnings.includes(printable(line))) warnings.push(printable(line));
  };
  const begin = (words: readonly string[]) => {
    const line = otherUserWarning(words);
    if (line) warn(line);
    return lookAt(words, agent, warn);
  };
  known.forEach(warn);
  let command = begin(settings.command.length > 0 ? settings.command : [profile.name]);
  return {
    warnings,
    warn,
    env: (base) => {
      const { isOutside, env: more = {} } = command.daemon();
      if (isOutside) return outsideEnv(base, more);
      const told = profile.tell?.(command.settings(true), base);
      const all = { ...profile.env(tmpdir, command.version), ...more, ...told };
      return sessionEnv(base, { id, root, tmpdir }, all);
    },
    isOutside: () => command.daemon().isOutside === true,
    args: (file, args) => {
      const words = [file, ...args];
      if (!isDeepStrictEqual(words, command.words)) command = begin(words);
      for (const name of profile.replaced ?? [])
        if (env[name] && !env['QW_SESSION'])
          warn(
            `${name} is not passed on: ${profile.name} writes to TMPDIR; qw-run --root says where that lies`,
          );
      const at = command.argsAt();
      const { args: added = [], isOutside } = command.daemon();
      const found = command.settings(at !== undefined && !isOutside); // outside: nothing of the session
      for (const line of profile.warnings(tmpdir, found)) warn(line);
      const before = (at ?? 1) - 1;
      return [...args.slice(0, before), ...added, ...profile.args(tmpdir, args.slice(before), found)];
    },
  };
}

/** The command `words`, and what of it and of its user's settings decides how it is started. */
function lookAt(words: readonly string[], agent: Omit<Agent, 'known'>, warn: (line: string) => void) {
  const { id, seen, profile, settings: asked } = agent;
  const { env, cwd } = asked;
  /** Where its own arguments begin; undefined where it is not seen to start the agent, or takes none. */
  const argsAt = once(() => {
    const target = targetOf(words);
    if (!target) return undefined;
    const isAgent = profile.matches(words) || profile.matches([realPathOf(target, asked) ?? '']);
    return isAgent ? target.argsAt : undefined;
  });
  const version = once(() => profile.version && versionOf(profile, words, asked));
  const found = once(() => readSettings(profile, { env, cwd }, warn));
  /** The agent starts all the same where the system refuses. */
  const orWarn = <T>(what: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      return void warn(`${what} (${codeOf(error)})`);
    }
  };
  /** `canCarry`: it can be told the path of a file, or a hook. */
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
  /** Where its commands run: the profile decides, by what of its own words can be seen. */
  const daemon = once(() => {
    const at = argsAt();
    const use = profile.daemon?.({
      wanted: asked.daemon,
      args: at === undefined ? wordsAfter(profile, words) : words.slice(at),
      canAdd: at !== undefined,
      env,
      settings: settings(false),
      session: { id, tmpdir: seen.tmpdir },
    });
    if (use?.warning) warn(use.warning);
    return use ?? {};
  });
  return { words, argsAt, version, settings, daemon };
}

/** To be read only: what comes after the agent's name in a shell's script, or behind a runner's options. */
function wordsAfter(profile: BackendProfile, command: readonly string[]): string[] {
  const words = command.flatMap((word) => word.trim().split(/\s+/));
  const at = words.findIndex((word) => profile.matches([word]) || profile.matches(['npx', word]));
  return at < 0 ? [] : words.slice(at + 1);
}
