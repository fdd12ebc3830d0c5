// The options of a pass of the reaper: by option, then by QW_ variable.
import { tmpdir } from 'node:os';
import { agentProfiles } from '../backends/profiles.js';
import { attempt, fs } from '../fs.js';
import type { OptionNames } from '../known-options.js';
import {
  DEFAULTS,
  type Duration,
  ORPHANS,
  type Orphans,
  parseNames,
  parseWord,
  policyOf,
} from '../options.js';
import { readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { existingRoots, isInsideSession, unseenRoots } from '../root/roots.js';
import { resolveWatermarks, type Space } from '../space/watermarks.js';
import type { ReapInput } from './reap-input.js';
import type { Progress } from './reap-report.js';

export interface ReapOptions {
  /** Only this managed root. Default: every one that may hold sessions. */
  root?: string | undefined;
  /**
   * Age at which what nobody owns, and units of living sessions, count as stale. Default 72h, never below 1h.
   */
  maxAge?: Duration | undefined;
  /** Members of sessions whose owner is dead: wait until they are gone, or end them. Default `wait`. */
  orphans?: Orphans | undefined;
  /** Also take what agents left in the system's temp directory without qw-run. Default false. */
  legacy?: boolean | undefined;
  /**
   * Less room than this on a root's file system is pressure: stale ages shrink. Default: the larger of 5 %
   * and 64 MiB.
   */
  low?: Space | undefined;
  /** Up to where room is made then. Default: twice `low`. */
  target?: Space | undefined;
  /** Change nothing; the report says what would be done. */
  dryRun?: boolean | undefined;
  /** Names of further programs never to be ended. */
  spare?: string | readonly string[] | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** After so long without a sign of life the helper process counts as hung. Default 2m. */
  deadline?: Duration | undefined;
  /** Where QW_ variables, TMPDIR and the state directory are read. Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export const REAP: OptionNames<ReapOptions> = {
  ...{ root: true, maxAge: true, orphans: true, legacy: true, low: true, target: true, dryRun: true },
  ...{ spare: true, onProgress: true, deadline: true, env: true },
};

/** What is to be done, wherever the roots turn out to be. */
export type ReapChoices = Omit<ReapInput, 'roots' | 'legacyDirs'>;

/**
 * @throws QwRunError `ERR_QW_USAGE`, and the guard's errors for a root that was named; where it
 * `mayBeMissing`, nothing is in it yet
 */
export function resolveReap(options: ReapOptions, { mayBeMissing = false } = {}): ReapInput {
  const { env = process.env, root } = options;
  const roots = existingRoots(env, root, { mayBeMissing });
  const unseen = unseenRoots(env, root);
  return { ...resolveChoices(options), roots, unseen, legacyDirs: tempDirectories(env) };
}

/**
 * The same as far as no file system has to be asked.
 * @throws QwRunError `ERR_QW_USAGE`
 */
export function resolveChoices(options: ReapOptions): ReapChoices {
  const {
    env = process.env,
    maxAge,
    orphans = DEFAULTS.orphans,
    legacy = false,
    dryRun = false,
    spare,
  } = options;
  const policy = policyOf(env, maxAge);
  return {
    ...policy,
    spare: [...policy.spare, ...parseNames(spare)],
    orphans: parseWord('orphans', orphans, ORPHANS),
    legacy: { backends: agentProfiles().map(({ name }) => name), isTaken: legacy },
    isDryRun: dryRun,
    watermarks: resolveWatermarks(options, env),
  };
}

/** Where a program without us puts its temporary files, where that answers. */
export function tempDirectories(env: NodeJS.ProcessEnv): string[] {
  const mounts = readMounts();
  const users = env['TMPDIR'] && !isInsideSession(env['TMPDIR'], mounts) ? [env['TMPDIR']] : [];
  const system = process.platform === 'win32' ? [tmpdir()] : ['/tmp'];
  const real = [...users, ...system]
    .filter((dir) => !muteOn(dir, mounts))
    .flatMap((dir) => attempt(() => fs.realpathSync.native(dir)) ?? []);
  return [...new Set(real)];
}
