// One pass for a program that uses the library: by its helper process, or here where it has none. What it is
// told is plain data; where the roots are is found out by whoever does the work, since a root may lie in a
// file system that does not answer.
import { resolve } from 'node:path';
import { ownHelpers } from '../helper/for-server.js';
import { askForRoots, askMounts } from '../process/ask-mounts.js';
import { existingRoots, safeRoots, unseenRoots } from '../root/roots.js';
import { type Progress, type ReapReport, reapNow } from './reap-now.js';
import { type ReapChoices, tempDirectories } from './reap-options.js';

export interface PassRequest {
  choices: ReapChoices;
  places: Places;
}

/** Where roots are looked for. */
export interface Places {
  root?: string | undefined;
  mayBeMissing?: boolean;
  /** These instead, as far as they are roots. */
  only?: string[];
  /** Variables, see `placesIn`. */
  env: NodeJS.ProcessEnv;
}

/** Runs a pass. `isAwaited`: the process stays alive for it. `onProgress` must not throw. */
export async function pass(
  request: PassRequest,
  onProgress: (progress: Progress) => void,
  { isAwaited, deadlineMs }: { isAwaited: boolean; deadlineMs: number },
): Promise<ReapReport> {
  const helpers = ownHelpers();
  if (!helpers) return passHere(request, onProgress);
  const options = { deadlineMs, isAwaited, onProgress };
  const report = await helpers.ask<ReapReport>('pass', request, options);
  return { ...report, failed: [...report.failed, ...helpers.troubles()] };
}

/** The pass itself. */
export async function passHere(
  { choices, places: { root, mayBeMissing = false, only, env } }: PassRequest,
  onProgress: (progress: Progress) => void = () => {},
): Promise<ReapReport> {
  await (only ? askMounts(only) : askForRoots(env, root));
  const roots = only ? safeRoots(only) : existingRoots(env, root, { mayBeMissing });
  const unseen = only ? [] : unseenRoots(env, root);
  return reapNow({ ...choices, roots, unseen, legacyDirs: tempDirectories(env) }, onProgress);
}

/**
 * The variables by which roots and temp directories are found: nothing else of `env` is told to another
 * process. That one is in another directory: paths are made absolute here.
 */
export const placesIn = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ HOME: process.env['HOME'], ...env })
      .filter(([name]) => NAMES.test(name))
      .map(([name, value]) => [name, MAY_BE_RELATIVE.has(name) ? absolute(value) : value]),
  );

/** An empty one stays as it is: it is refused, or means none. */
export const absolute = (path: string | undefined): string | undefined => (path ? resolve(path) : path);

const NAMES = /^(QW_\w+|TMPDIR|HOME|XDG_STATE_HOME|LOCALAPPDATA|USERPROFILE)$/;
/** Of the others a relative one is passed over. */
const MAY_BE_RELATIVE: ReadonlySet<string> = new Set(['QW_ROOT', 'TMPDIR']);
