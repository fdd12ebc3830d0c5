// A session's settings: option, then QW_ variable, then default, each checked where it comes in.
import { resolve } from 'node:path';
import { BACKENDS, type BackendChoice } from '../backends/profiles.js';
import { QwRunError } from '../errors.js';
import { attempt } from '../fs.js';
import { type Isolation, type IsolationOptions, resolveIsolation } from '../isolate/isolation.js';
import {
  checkString,
  checkStrings,
  DEFAULT_GRACE_MS,
  type Duration,
  MAX_TIMER_MS,
  parseDuration,
  parseNames,
  parseWord,
  quote,
  resolveMaxAge,
  resolveWork,
  type Survivors,
  type WorkChoice,
} from '../options.js';

export interface OpenSessionOptions extends IsolationOptions {
  /** Shown in lists. */
  label?: string | undefined;
  /** Which agent this is for. Default `auto`: decided by `command`. */
  backend?: BackendChoice | undefined;
  /** Managed root; this one or an error. Default: see docs/cli.md, "Which root". */
  root?: string | undefined;
  /** What will be started, for the lease and for `backend: 'auto'`. */
  command?: readonly string[] | undefined;
  /** Its working directory, for the lease. Default: ours. */
  cwd?: string | undefined;
  /** Between SIGTERM and SIGKILL. Default 5s. */
  grace?: Duration | undefined;
  /** `keep`: processes the agent leaves behind live on, and TMPDIR with them. Default `end`. */
  survivors?: Survivors | undefined;
  /**
   * Leave TMPDIR, however the session ends: also when this process is SIGKILLed. Only `qw-tmp rm` removes it
   * then.
   */
  keep?: boolean | undefined;
  /**
   * False: the end does not wait for the removal of what it moved away; what that frees comes back a little
   * later. Default true.
   */
  wait?: boolean | undefined;
  /** Names of further programs never to be ended. */
  spare?: string | readonly string[] | undefined;
  /** False: no watchdog; if this process is SIGKILLed, the next reaper removes the session. */
  watchdog?: boolean | undefined;
  /** Aborted while the session is being opened: that is given up, and nothing is left. */
  signal?: AbortSignal | undefined;
  /** Where QW_ variables and TMPDIR are read. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export interface Settings {
  label: string | undefined;
  backend: BackendChoice;
  root: string | undefined;
  command: string[];
  cwd: string;
  graceMs: number;
  maxAgeMs: number;
  survivors: Survivors;
  spare: string[];
  watchdog: boolean;
  isolation: Isolation | undefined;
  work: WorkChoice;
  keep: boolean;
  wait: boolean;
  signal: AbortSignal | undefined;
  env: NodeJS.ProcessEnv;
}

/** @throws QwRunError `ERR_QW_USAGE` naming the option or variable */
export function resolveSettings(options: OpenSessionOptions): Settings {
  const { env = process.env } = options;
  for (const option of ['label', 'root', 'cwd'] as const) checkString(option, options[option]);
  checkStrings('command', options.command);
  if (typeof options.spare !== 'string') checkStrings('spare', options.spare);
  const { QW_GRACE, QW_SURVIVORS, QW_SPARE } = env;
  return {
    label: options.label,
    backend: parseWord('backend', options.backend ?? 'auto', BACKENDS),
    root: options.root,
    command: [...(options.command ?? [])],
    cwd: options.cwd === undefined ? ownCwd() : resolve(ownCwd(), options.cwd),
    keep: Boolean(options.keep),
    wait: options.wait !== false || process.platform === 'win32', // no sh there
    graceMs: Math.min(
      options.grace !== undefined
        ? parseDuration('grace', options.grace)
        : parseDuration('QW_GRACE', QW_GRACE || DEFAULT_GRACE_MS),
      MAX_TIMER_MS,
    ),
    maxAgeMs: resolveMaxAge(undefined, env),
    survivors: parseWord(
      options.survivors === undefined ? 'QW_SURVIVORS' : 'survivors',
      options.survivors ?? (QW_SURVIVORS || 'end'),
      ['end', 'keep'],
    ),
    spare: fitting([...parseNames(QW_SPARE), ...parseNames(options.spare)]),
    watchdog: options.watchdog ?? true,
    isolation: resolveIsolation(options, env),
    work: resolveWork(env),
    signal: checkSignal(options.signal),
    env,
  };
}

function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new QwRunError('ERR_QW_USAGE', `signal must be an AbortSignal, not ${quote(signal)}`);
}

/** Empty where it was removed under us (getcwd(2), ENOENT): the command can run there all the same. */
const ownCwd = (): string => attempt(() => process.cwd()) ?? '';

/** They go into the lease, for whoever ends the session after us. */
function fitting(names: string[]): string[] {
  if (Buffer.byteLength(JSON.stringify(names)) <= MAX_SPARE_BYTES) return names;
  throw new QwRunError('ERR_QW_USAGE', `spare takes at most ${MAX_SPARE_BYTES} bytes of names`);
}

const MAX_SPARE_BYTES = 1_024;
