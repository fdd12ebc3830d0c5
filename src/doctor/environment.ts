// What the variables here lead to: invalid settings of ours, and temp directories that are gone or go with
// somebody's session (a server started from an agent's shell inherits them).
import { dirname, isAbsolute } from 'node:path';
import { orRefusal, QwRunError } from '../errors.js';
import { failedStarts } from '../exec/failed-start.js';
import { attempt, fs, W_OK, X_OK } from '../fs.js';
import { isLogging, reachableLog, readLog } from '../receipt/log.js';
import { lookAtLog } from '../receipt/log-file.js';
import { SESSION_ID } from '../root/layout.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { nearestExisting } from '../root/nearest-existing.js';
import { isInsideSession } from '../root/roots.js';
import { stateFile, wantedStateDir } from '../root/state.js';
import { resolveSettings } from '../session/settings.js';
import { resolveWatermarks } from '../space/watermarks.js';
import { examineStartFiles, type StartFileFacts } from './start-files.js';

export interface EnvironmentFacts {
  /** Id of the session we run in. */
  session: string | null;
  /** qw-run's own passes of the reaper are on. */
  isReaping: boolean;
  /** The `QW_` variables that are set. */
  settings: SettingFacts[];
  /** The variables that name a directory for temporary files or caches. */
  directories: DirectoryFacts[];
  /** The files that set TMPDIR for shells and logins. */
  startFiles: StartFileFacts[];
  /** Where the registry of roots lies. */
  state: {
    dir: string;
    isWritable: boolean;
    /** False: somebody else owns a part of the path, so nothing is written there. */
    isOurs: boolean;
  };
  /** The receipts. */
  log: {
    /** Null where nothing may be remembered, or nobody answers. */
    file: string | null;
    bytes: number;
    isOn: boolean;
    /** Why nothing is written there. */
    error: string | null;
  };
  /** Starts of qw-exec in the last days that got no session: the command ran without us. */
  failedStarts: { at: string; reason: string }[];
}

export interface SettingFacts {
  name: string;
  value: string;
  /** Why qw-run refuses it. */
  error: string | null;
}

export interface DirectoryFacts {
  name: string;
  value: string;
  isThere: boolean;
  /** It goes with a session: the one we run in, or another one. */
  goesWith: 'own session' | 'other session' | null;
}

export function examineEnvironment(env: NodeJS.ProcessEnv): EnvironmentFacts {
  const { QW_SESSION: session } = env;
  const mounts = readMounts();
  return {
    session: session && SESSION_ID.test(session) ? session : null,
    isReaping: env['QW_REAP'] !== 'off',
    settings: examineWatermarks(
      env,
      SETTINGS.flatMap((name) => (env[name] ? [examineSetting(name, env[name])] : [])),
    ),
    directories: DIRECTORIES.flatMap((name) =>
      env[name] && isAbsolute(env[name]) ? [examineDirectory(name, env[name], { session, mounts })] : [],
    ),
    startFiles: examineStartFiles(env),
    state: examineState(env),
    log: examineLog(env),
    failedStarts: failedStarts(readLog(env), Date.now()).map(({ at, failed: [why] }) => ({
      at,
      reason: why?.reason ?? '',
    })),
  };
}

/** What has to be asked first whether it answers. */
export const directoriesOf = (env: NodeJS.ProcessEnv): string[] =>
  DIRECTORIES.flatMap((name) => env[name] || []);

/** One at a time: a wrong one must not hide the next. */
function examineSetting(name: string, value: string): SettingFacts {
  const only = { [name]: value };
  return {
    name,
    value,
    error: errorOf(
      () => resolveSettings({ env: only, cwd: '/' }),
      () => resolveWatermarks({}, only),
    ),
  };
}

/** Each may be right, and both together not. */
function examineWatermarks(env: NodeJS.ProcessEnv, settings: SettingFacts[]): SettingFacts[] {
  const error = settings.some((one) => one.error) ? null : errorOf(() => resolveWatermarks({}, env));
  return settings.map((one) => (one.name === 'QW_TARGET' && error ? { ...one, error } : one));
}

function errorOf(...checks: (() => unknown)[]): string | null {
  const refused = orRefusal(() => {
    for (const check of checks) check();
  });
  return refused instanceof QwRunError ? refused.message : null;
}

function examineDirectory(
  name: string,
  value: string,
  { session, mounts }: { session: string | undefined; mounts: readonly Mount[] },
): DirectoryFacts {
  const isInside = isInsideSession(value, mounts);
  const isOwn = isInside && session !== undefined && value.split('/').includes(session);
  return {
    name,
    value,
    isThere: !muteOn(value, mounts) && attempt(() => fs.statSync(value))?.isDirectory() === true,
    goesWith: isOwn ? 'own session' : isInside ? 'other session' : null,
  };
}

/** access(2) where it is or would be made: nothing is written. */
function examineState(env: NodeJS.ProcessEnv): EnvironmentFacts['state'] {
  const file = stateFile('roots', env);
  if (file === undefined) return { dir: wantedStateDir(env), isWritable: false, isOurs: false };
  const dir = dirname(file);
  try {
    fs.accessSync(nearestExisting(dir), W_OK | X_OK);
    return { dir, isWritable: true, isOurs: true };
  } catch {
    return { dir, isWritable: false, isOurs: true };
  }
}

function examineLog(env: NodeJS.ProcessEnv): EnvironmentFacts['log'] {
  const file = reachableLog(env);
  const looked = file === undefined ? { bytes: 0, error: null } : lookAtLog(file);
  return { file: file ?? null, isOn: isLogging(env), ...looked };
}

const SETTINGS = [
  'QW_ROOT',
  'QW_REAP',
  'QW_LOG',
  'QW_MAX_AGE',
  'QW_GRACE',
  'QW_SURVIVORS',
  'QW_SPARE',
  'QW_DAEMON',
  'QW_TELL',
  'QW_ISOLATE',
  'QW_LOW',
  'QW_TARGET',
];
const DIRECTORIES = [
  ...['TMPDIR', 'TMP', 'TEMP', 'CLAUDE_CODE_TMPDIR', 'CLAUDE_TMPDIR'],
  'NODE_COMPILE_CACHE',
];
