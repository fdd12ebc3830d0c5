// What qw-run would do for an agent, for a server that owns TMPDIR and processes itself: no session, nobody
// ended, nothing removed.
import { isAbsolute } from 'node:path';
import type { DaemonChoice } from '../backends/daemon.js';
import type { BackendChoice } from '../backends/profile.js';
import { profileFor } from '../backends/profiles.js';
import { misuse } from '../errors.js';
import { checkOptions, checkProgram, type OptionNames, TEXT, TEXTS, VARIABLES } from '../known-options.js';
import { quote } from '../quote.js';
import { MAX_TMPDIR_BYTES, newId } from '../root/layout.js';
import { agentStart } from './agent-start.js';
import type { Invocation } from './session.js';
import { resolveSettings } from './settings.js';

export interface ProfileOptions {
  command: string;
  args?: readonly string[] | undefined;
  /** The agent's TMPDIR, absolute: yours, and there before the agent starts. */
  tmpdir: string;
  /** Its environment before the variables are set. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Its working directory. Default ours. */
  cwd?: string | undefined;
  /** Which agent it is. Default `auto`: decided by `command`. */
  backend?: BackendChoice | undefined;
  /** As for `openSession`. */
  daemon?: DaemonChoice | undefined;
}

/** What to spawn, and what to know before. */
export interface Profile extends Invocation {
  /** The whole environment. */
  env: Record<string, string>;
  /** One line each. */
  warnings: string[];
}

const PROFILE: OptionNames<ProfileOptions> = {
  ...{ command: TEXT, args: TEXTS, tmpdir: TEXT, env: VARIABLES, cwd: TEXT, backend: true, daemon: true },
};

/**
 * File, arguments and environment as the agent needs them to keep to `tmpdir`. For Claude it may write a
 * settings file there.
 * @throws QwRunError `ERR_QW_USAGE`
 */
export function profile(options: ProfileOptions): Profile {
  const {
    command,
    args = [],
    tmpdir,
    env = process.env,
    ...more
  } = checkOptions('profile()', options, PROFILE);
  if (!isAbsolute(tmpdir ?? '')) throw misuse(`tmpdir must be an absolute path, not ${quote(tmpdir)}`);
  checkProgram(command, args);
  const settings = resolveSettings({ ...more, env, command: [command, ...args] });
  const start = agentStart({
    id: newId(),
    seen: { root: tmpdir, tmpdir, files: { dir: tmpdir, seenAs: tmpdir } },
    profile: profileFor(settings.backend, settings.command, settings),
    settings,
    known: Buffer.byteLength(tmpdir) > MAX_TMPDIR_BYTES ? [tooLong(tmpdir)] : [],
  });
  const all = start.args(command, args);
  // There is no session: who runs us may be in one, and the agent is as much.
  const { QW_SESSION: _id, QW_ROOT: _root, ...own } = start.env(env);
  for (const name of ['QW_SESSION', 'QW_ROOT']) if (env[name] !== undefined) own[name] = env[name];
  return { file: command, args: all, env: own, warnings: [...start.warnings] };
}

const tooLong = (tmpdir: string): string =>
  `TMPDIR has ${Buffer.byteLength(tmpdir)} bytes: with more than ${MAX_TMPDIR_BYTES}, sockets below it ` +
  'may not fit into the 108 bytes of sun_path';
