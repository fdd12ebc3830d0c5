// The options of a pass of the reaper: by option, then by QW_ variable.
import { tmpdir } from 'node:os';
import { componentMatcher, components } from '../backends/patterns.js';
import { agentProfiles } from '../backends/profiles.js';
import { attempt, fs } from '../fs.js';
import { FLAG, FUNCTION, NAMES, type OptionNames } from '../known-options.js';
import {
  DEFAULTS,
  type Duration,
  ORPHANS,
  type Orphans,
  type Policy,
  parseNames,
  parseWord,
  policyOf,
} from '../options.js';
import type { Failure } from '../remove/failure.js';
import { isWithin } from '../root/layout.js';
import { readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { isInsideSession } from '../root/roots.js';
import { ownUid } from '../root/trusted.js';
import { resolveWatermarks, type Space, type Watermarks } from '../space/watermarks.js';
import { PLACES, type PlaceOptions } from './places.js';
import type { Progress } from './reap-report.js';

export interface ReapOptions extends PlaceOptions {
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
}

export const REAP: OptionNames<ReapOptions> = {
  ...{ maxAge: true, orphans: true, legacy: FLAG, low: true, target: true, dryRun: FLAG, spare: NAMES },
  ...{ onProgress: FUNCTION, ...PLACES },
};

/** What is to be done, wherever the roots turn out to be: checked, and plain data for another process. */
export interface ReapChoices extends Policy {
  /** `end`: members of sessions whose owner is dead are ended first. */
  orphans: Orphans;
  /** Backends whose leftovers (`--legacy`) are looked at, and whether they are taken. */
  legacy: { backends: readonly string[]; isTaken: boolean };
  isDryRun: boolean;
  /** Only orphans, at most so many: the pass at the start of a session. */
  limit?: number | undefined;
  /** The watermarks of free room; without them nobody looks. */
  watermarks?: Watermarks | undefined;
}

/** The input of one pass. */
export interface ReapInput extends ReapChoices {
  roots: string[];
  /** Roots on mounts that do not answer: reported, not looked at. */
  unseen?: readonly Failure[] | undefined;
  /** Where agents without us write: the system's temp directories. */
  legacyDirs: readonly string[];
}

/** @throws QwRunError `ERR_QW_USAGE` */
export function resolveChoices(options: ReapOptions): ReapChoices {
  const { env = process.env, maxAge, orphans = DEFAULTS.orphans, legacy = false, dryRun = false } = options;
  const policy = policyOf(env, maxAge);
  return {
    ...policy,
    spare: [...policy.spare, ...parseNames(options.spare)],
    orphans: parseWord('orphans', orphans, ORPHANS),
    legacy: { backends: agentProfiles().map(({ name }) => name), isTaken: legacy },
    isDryRun: dryRun,
    watermarks: resolveWatermarks(options, env),
  };
}

/**
 * Only orphans and what dead removers left, at most so many orphans: never anything living, never what agents
 * left elsewhere.
 * @throws QwRunError `ERR_QW_USAGE`
 */
export const orphansOnly = (
  options: Pick<ReapOptions, 'env' | 'spare'>,
  limit = Number.MAX_SAFE_INTEGER,
): ReapChoices => ({ ...resolveChoices(options), limit });

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

/** Whether agents without us leave something of such a name in a temp directory; also of what lies in it. */
export const isLegacyName = (path: string, env: NodeJS.ProcessEnv): boolean =>
  tempDirectories(env)
    .filter((dir) => isWithin(dir, path))
    .some((dir) => {
      const [name = ''] = path.slice(dir.length + 1).split('/');
      const units = agentProfiles().flatMap(({ legacy }) => legacy);
      return units.some((one) => componentMatcher(components(one.path)[0] ?? '', ownUid())(name));
    });
