// What the variables here lead to, and the user's own files that qw-run keeps notes in.
import { dirname } from 'node:path';
import { orRefusal, QwRunError, unlessItFails } from '../errors.js';
import { failedStarts } from '../exec/failed-start.js';
import { fs, W_OK, X_OK } from '../fs.js';
import { shellQuote } from '../quote.js';
import { isLogging, reachableLog, readLog } from '../receipt/log.js';
import { lookAtLog } from '../receipt/log-file.js';
import { SESSION_ID } from '../root/layout.js';
import { nearestExisting } from '../root/nearest-existing.js';
import { stateFile, wantedStateDir } from '../root/state.js';
import { resolveSettings } from '../session/settings.js';
import { plural } from '../space/format-bytes.js';
import { resolveWatermarks } from '../space/watermarks.js';
import { type Finding, note, problem, warning } from './finding.js';
import { type DirectoryFacts, examineDirectories, inheritedFindings } from './inherited.js';
import { examineStartFiles, type StartFileFacts } from './start-files.js';

export interface SettingFacts {
  name: string;
  value: string;
  /** Why qw-run refuses it. */
  error: string | null;
}

export interface EnvironmentFacts {
  /** Id of the session we run in. */
  session: string | null;
  /** qw-run's own passes of the reaper are on. */
  isReaping: boolean;
  /** The `QW_` variables that are set. */
  settings: SettingFacts[];
  /** The variables that name a directory for temporary files. */
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

export function examineEnvironment(env: NodeJS.ProcessEnv): EnvironmentFacts {
  const { QW_SESSION: session } = env;
  const log = reachableLog(env);
  return {
    session: session && SESSION_ID.test(session) ? session : null,
    isReaping: env['QW_REAP'] !== 'off',
    settings: examineSettings(env),
    directories: examineDirectories(env),
    startFiles: examineStartFiles(env),
    state: examineState(env),
    log: {
      file: log ?? null,
      isOn: isLogging(env),
      ...(log === undefined ? { bytes: 0, error: null } : lookAtLog(log)),
    },
    failedStarts: failedStarts(readLog(env), Date.now()).map(({ at, failed: [why] }) => ({
      at,
      reason: why?.reason ?? '',
    })),
  };
}

/** Each by itself: a wrong one must not hide the next. */
function examineSettings(env: NodeJS.ProcessEnv): SettingFacts[] {
  const settings = SETTINGS.flatMap((name) => {
    const only = { [name]: env[name] };
    const check = () => [resolveSettings({ env: only, cwd: '/' }), resolveWatermarks({}, only)];
    return env[name] ? [{ name, value: env[name], error: errorOf(check) }] : [];
  });
  // Both watermarks may be right, and together not.
  const error = settings.some((one) => one.error) ? null : errorOf(() => resolveWatermarks({}, env));
  return settings.map((one) => (one.name === 'QW_TARGET' && error ? { ...one, error } : one));
}

function errorOf(check: () => unknown): string | null {
  const refused = orRefusal(check);
  return refused instanceof QwRunError ? refused.message : null;
}

/** access(2) where it is or would be made: nothing is written. */
function examineState(env: NodeJS.ProcessEnv): EnvironmentFacts['state'] {
  const file = stateFile('roots', env);
  if (file === undefined) return { dir: wantedStateDir(env), isWritable: false, isOurs: false };
  const dir = dirname(file);
  const mayWrite = () => fs.accessSync(nearestExisting(dir), W_OK | X_OK) === undefined;
  return { dir, isWritable: unlessItFails(mayWrite) === true, isOurs: true };
}

/** Pure. */
export function* environmentFindings(facts: EnvironmentFacts): Iterable<Finding> {
  const { settings, directories, state, log, failedStarts: failed } = facts;
  for (const { name, error } of settings)
    if (error !== null)
      yield problem('bad-setting', name, { text: `refused: ${error}`, command: `unset ${name}` });
  yield* directories.flatMap(inheritedFindings);
  if (!state.isWritable) {
    const why = state.isOurs ? 'cannot be written' : 'is not safely yours';
    yield note('roots-forgotten', state.dir, {
      text: `it ${why}: sessions under a root of your own choice are not found by qw-tmp later`,
      command: `${state.isOurs ? 'mkdir -p' : 'namei -l'} ${shellQuote(state.dir)}`,
    });
  }
  if (log.isOn && log.file !== null && log.error !== null)
    yield warning('log', log.file, {
      text: `${log.error}: qw-run writes no receipts`,
      command: `mv ${shellQuote(log.file)} ~/`,
    });
  const last = failed.at(-1);
  const starts = `${plural(failed.length, 'start')} in the last days without a session`;
  if (last)
    yield warning('exec-failed', 'qw-exec', {
      text: `${starts}, the last at ${last.at}: ${last.reason}`,
      command: 'QW_EXEC_STRICT=1 qw-exec true',
    });
}

const SETTINGS = [
  ...['QW_ROOT', 'QW_REAP', 'QW_LOG', 'QW_MAX_AGE', 'QW_GRACE', 'QW_SURVIVORS', 'QW_SPARE', 'QW_DAEMON'],
  ...['QW_TELL', 'QW_ISOLATE', 'QW_WORKTREES', 'QW_LOW', 'QW_TARGET'],
];
