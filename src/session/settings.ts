// A session's settings: option, then QW_ variable, then default, each checked where it comes in.
import { DAEMON_CHOICES, type DaemonChoice } from '../backends/daemon.js';
import { BACKENDS, type BackendChoice } from '../backends/profile.js';
import { misuse } from '../errors.js';
import { attempt } from '../fs.js';
import { type IsolationOptions, resolveIsolation } from '../isolate/isolation.js';
import { FLAG, FUNCTION, NAMES, type OptionNames, SIGNAL, TEXT, TEXTS, VARIABLES } from '../known-options.js';
import {
  DEFAULTS,
  type Duration,
  fromHere,
  MAX_TIMER_MS,
  parseDuration,
  parseNames,
  parseWord,
  parseWordIfAny,
  resolveMaxAge,
  resolveWork,
  SURVIVORS,
  type Survivors,
  SWITCH,
} from '../options.js';
import type { Receipt } from '../receipt/receipt.js';

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
  /** Leave TMPDIR however the session ends, SIGKILL of this process included: only `qw-tmp rm` removes it. */
  keep?: boolean | undefined;
  /**
   * False: the end does not wait for the removal of what it moved away; what that frees comes back a little
   * later. Default true.
   */
  wait?: boolean | undefined;
  /** Names of further programs never to be ended. */
  spare?: string | readonly string[] | undefined;
  /**
   * Of agents whose daemon runs the commands of all their terminals (codex, cline): `own`, in the session, or
   * `shared`, in the daemon. Default `own`, unless the agent's own arguments or settings say otherwise.
   */
  daemon?: DaemonChoice | undefined;
  /**
   * False: the model of Claude is not told when the disk is full, nor that it runs in the background without
   * TMPDIR. Default true; `QW_TELL=off`.
   */
  tell?: boolean | undefined;
  /** False: no watchdog; if this process is SIGKILLed, the next reaper removes the session. */
  watchdog?: boolean | undefined;
  /** Aborted while the session is being opened: that is given up, and nothing is left. */
  signal?: AbortSignal | undefined;
  /** Hears of the receipt of its end, and of the one that follows where somebody still used TMPDIR then. */
  onReceipt?: ((receipt: Receipt) => unknown) | undefined;
  /** Where QW_ variables and TMPDIR are read. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export const OPEN_SESSION: OptionNames<OpenSessionOptions> = {
  ...{ label: TEXT, backend: true, root: TEXT, command: TEXTS, cwd: TEXT, grace: true, survivors: true },
  ...{ keep: FLAG, wait: FLAG, spare: NAMES, daemon: true, watchdog: FLAG, signal: SIGNAL },
  ...{ onReceipt: FUNCTION, env: VARIABLES, isolate: true, size: true, share: TEXTS, tell: FLAG },
};

/** As they hold for a session. */
export type Settings = ReturnType<typeof resolveSettings>;

/** @throws QwRunError `ERR_QW_USAGE` naming the option or variable */
export function resolveSettings(options: OpenSessionOptions) {
  const { env = process.env, backend = DEFAULTS.backend } = options;
  /** The option, else its variable, else the default: by the name that it goes by in a message. */
  const chosen = <T, D>(
    option: string,
    value: T | undefined,
    variable: string,
    otherwise: D,
  ): [string, T | string | D] =>
    value === undefined ? [variable, env[variable] || otherwise] : [option, value];
  return {
    label: options.label,
    backend: parseWord('backend', backend, BACKENDS),
    root: options.root,
    command: [...(options.command ?? [])],
    cwd: options.cwd === undefined ? ownCwd() : fromHere('cwd', options.cwd),
    keep: options.keep ?? false,
    wait: options.wait !== false || process.platform === 'win32', // no sh there
    graceMs: timerMs(...chosen('grace', options.grace, 'QW_GRACE', DEFAULTS.grace)),
    maxAgeMs: resolveMaxAge(undefined, env),
    survivors: parseWord(
      ...chosen('survivors', options.survivors, 'QW_SURVIVORS', DEFAULTS.survivors),
      SURVIVORS,
    ),
    spare: fitting([...parseNames(env['QW_SPARE']), ...parseNames(options.spare)]),
    daemon: parseWordIfAny(...chosen('daemon', options.daemon, 'QW_DAEMON', undefined), DAEMON_CHOICES),
    tell: options.tell ?? parseWord('QW_TELL', env['QW_TELL'] || DEFAULTS.tell, SWITCH) === 'on',
    watchdog: options.watchdog ?? true,
    isolation: resolveIsolation(options, env),
    work: resolveWork(env),
    signal: options.signal,
    onReceipt: options.onReceipt,
    env,
  };
}

/** Ms of a time that a timer is set to. @throws QwRunError `ERR_QW_USAGE` naming `option` */
export const timerMs = (option: string, value: Duration): number =>
  Math.min(parseDuration(option, value), MAX_TIMER_MS);

/** Empty where it was removed under us (getcwd(2), ENOENT): the command can run there all the same. */
export const ownCwd = (): string => attempt(() => process.cwd()) ?? '';

/** They go into the lease, for whoever ends the session after us. */
function fitting(names: string[]): string[] {
  if (Buffer.byteLength(JSON.stringify(names)) <= MAX_SPARE_BYTES) return names;
  throw misuse(`spare takes at most ${MAX_SPARE_BYTES} bytes of names`);
}

const MAX_SPARE_BYTES = 1_024;
