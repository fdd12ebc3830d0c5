// Looks at everything that decides whether sessions open, live and go as they should, and says what to do. It
// changes nothing: a root that is missing is not made, nothing is reaped, no version is noted. Only the probe
// writes, and takes its file away.
import { monotonicMs } from '../clock.js';
import { orRefusal, QwRunError, unlessItFails } from '../errors.js';
import { tell } from '../heard.js';
import { checkOptions, FUNCTION, type OptionNames, TEXT, VARIABLES } from '../known-options.js';
import {
  DEFAULT_MAX_AGE_MS,
  DEFAULTS,
  type Duration,
  parseDuration,
  parseNames,
  resolveMaxAge,
} from '../options.js';
import { askForRoots, askMounts } from '../process/ask-mounts.js';
import { tempDirectories } from '../reap/reap-options.js';
import { existingRoots, unseenRoots } from '../root/roots.js';
import { resolveWatermarks } from '../space/watermarks.js';
import { examineAgents } from './agents.js';
import { examineEnvironment } from './environment.js';
import type { Finding } from './finding.js';
import { type Facts, findings, isAnythingToDo } from './findings.js';
import { directoriesOf } from './inherited.js';
import { examineLegacy } from './legacy.js';
import { examineMachine } from './machine.js';
import { examineRoots } from './roots.js';
import { examineSessions } from './sessions.js';
import { examinePlaces } from './space.js';

export interface DoctorOptions {
  /** Only this managed root, as if it were named with `--root`. */
  root?: string | undefined;
  /** Age at which what nobody owns counts as stale. Default 72h. */
  maxAge?: Duration | undefined;
  /** How long to look; the findings say what was not seen by then. Default 10s. */
  time?: Duration | undefined;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Called with what is looked at next. */
  onProgress?: ((what: string) => void) | undefined;
}

const DOCTOR: OptionNames<DoctorOptions> = {
  ...{ root: TEXT, maxAge: true, time: true, env: VARIABLES, onProgress: FUNCTION },
};

export interface Diagnosis extends Facts {
  version: 1;
  /** Nothing has to be done: there may be notes. */
  isHealthy: boolean;
  /** Gravest first. */
  findings: Finding[];
  /** How long it took, in ms. */
  ms: number;
}

/**
 * Examines this machine for this user.
 * @throws QwRunError `ERR_QW_USAGE` for an invalid option. Whatever else is wrong is a finding.
 */
export async function doctor(options: DoctorOptions = {}): Promise<Diagnosis> {
  checkOptions('doctor()', options, DOCTOR);
  const startedAt = monotonicMs();
  const facts = await examine(options, startedAt);
  const found = findings(facts);
  return {
    version: 1,
    isHealthy: !isAnythingToDo(found),
    findings: found,
    ...facts,
    ms: Math.round(monotonicMs() - startedAt),
  };
}

async function examine(options: DoctorOptions, startedAt: number): Promise<Facts> {
  const { env = process.env, root: named, time = DEFAULTS.time } = options;
  const onProgress = (what: string) => void tell(options.onProgress, what);
  const maxAgeMs = options.maxAge === undefined ? maxAgeOf(env) : parseDuration('maxAge', options.maxAge);
  const timeMs = parseDuration('time', time);
  onProgress('roots');
  await Promise.all([askForRoots(env, named), askMounts(directoriesOf(env))]);
  const roots = examineRoots(env, named);
  const existing = orRefusal(() => existingRoots(env, named));
  const managed = existing instanceof QwRunError ? [] : existing; // else its refusal is among the roots
  const temporary = tempDirectories(env);
  onProgress('file systems');
  // Unsafe ones are left out: we write nowhere that a link leads to.
  const safe = roots.filter(({ state, writeError }) => state !== 'refused' || writeError !== null);
  const dirs = [...new Set([...safe.map(({ path }) => path), ...managed, ...temporary])];
  const places = await examinePlaces(dirs, unlessItFails(() => resolveWatermarks({}, env)) ?? {});
  onProgress('programs');
  const machine = await examineMachine();
  const agents = examineAgents(env);
  onProgress('sessions');
  const look = { maxAgeMs, spare: parseNames(env['QW_SPARE']), until: startedAt + timeMs / 2 };
  const { sessions, trash } = await examineSessions({ ...look, roots: managed });
  onProgress('what agents left');
  const { legacy, unread } = await examineLegacy({ dirs: temporary, maxAgeMs, until: startedAt + timeMs });
  const cut = [
    ...[...sessions, ...trash].flatMap(({ root, size }) => (size.isPartial ? [root] : [])),
    ...unread,
    ...legacy.flatMap(({ dir, size, stale }) => (size.isPartial || stale.isPartial ? [dir] : [])),
  ];
  const environment = examineEnvironment(env);
  const inRoots = { roots, unseen: unseenRoots(env, named), places, sessions, trash };
  return { ...inRoots, legacy, agents, environment, machine, cut: [...new Set(cut)] };
}

/** A wrong variable is a finding by itself; the rest is looked at all the same. */
const maxAgeOf = (env: NodeJS.ProcessEnv): number =>
  unlessItFails(() => resolveMaxAge(undefined, env)) ?? DEFAULT_MAX_AGE_MS;
