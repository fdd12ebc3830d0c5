// How an agent is started in a session: environment and arguments as its profile wants them, and what its
// user should know before.
import { isDeepStrictEqual } from 'node:util';
import { otherUserWarning } from '../backends/other-user.js';
import { printable } from '../options.js';
import { ownUid } from '../root/trusted.js';
import { type Agent, agentCommand } from './agent-command.js';
import { outsideEnv, sessionEnv } from './env.js';

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

interface Parts extends Omit<Agent, 'warn'> {
  /** Warnings that come before its own. */
  known: readonly string[];
}

export function agentStart({ known, ...agent }: Parts): AgentStart {
  const { id, profile, settings } = agent;
  const { root, tmpdir } = agent.seen;
  const { env } = settings;
  const warnings: string[] = [];
  const warn = (line: string) => {
    if (!warnings.includes(printable(line))) warnings.push(printable(line));
  };
  const begin = (words: readonly string[]) => {
    const caller = { isRoot: ownUid() === 0, name: env['USER'] || env['LOGNAME'] };
    const line = otherUserWarning(words, caller);
    if (line) warn(line);
    return { words, ...agentCommand(words, { ...agent, warn }) };
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
      const found = command.settings(at !== undefined);
      for (const line of profile.warnings(tmpdir, found)) warn(line);
      const { args: added = [] } = command.daemon();
      const before = (at ?? 1) - 1;
      return [...args.slice(0, before), ...added, ...profile.args(tmpdir, args.slice(before), found)];
    },
  };
}
