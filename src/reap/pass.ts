// One pass for a program that uses the library: by its helper process, or here where it has none. The request
// is plain data. Whoever does the work finds the roots, since a root may lie in a file system that does not
// answer.
import { resolve } from 'node:path';
import { ownHelpers } from '../helper/for-server.js';
import { askForRoots, askMounts } from '../process/ask-mounts.js';
import { writeNews } from '../receipt/log.js';
import type { Receipt } from '../receipt/receipt.js';
import { existingRoots, safeRoots, unseenRoots } from '../root/roots.js';
import { reapNow } from './reap-now.js';
import { type ReapChoices, tempDirectories } from './reap-options.js';
import type { Progress, ReapReport } from './reap-report.js';

export interface PassRequest {
  choices: ReapChoices;
  places: RootChoice;
}

/** Where roots are looked for. */
export interface RootChoice {
  root?: string | undefined;
  mayBeMissing?: boolean;
  /** These instead, as far as they are roots. */
  only?: string[];
  /** Variables, see `placesIn`. */
  env: NodeJS.ProcessEnv;
}

/**
 * Runs a pass. `isAwaited`: the process stays alive for it. `signal`: aborted, and nothing more is removed.
 * `onProgress` must not throw.
 */
export async function pass(
  request: PassRequest,
  onProgress: (progress: Progress) => void,
  { isAwaited, deadlineMs, signal }: { isAwaited: boolean; deadlineMs: number; signal?: AbortSignal },
): Promise<{ report: ReapReport; receipts: Receipt[] }> {
  const helpers = ownHelpers();
  const options = { deadlineMs, isAwaited, onProgress, signal };
  const { receipts, ...report } = await (helpers
    ? helpers.ask<NotedReport>('pass', request, options)
    : passHere(request, onProgress, () => signal?.aborted !== true));
  return { report: { ...report, failed: [...report.failed, ...(helpers?.troubles() ?? [])] }, receipts };
}

/** With what it wrote into the log. */
interface NotedReport extends ReapReport {
  receipts: Receipt[];
}

/** The pass itself. */
export async function passHere(
  { choices, places: { root, mayBeMissing = false, only, env } }: PassRequest,
  onProgress: (progress: Progress) => void = () => {},
  isWanted?: () => boolean,
): Promise<NotedReport> {
  await (only ? askMounts(only) : askForRoots(env, root));
  const roots = only ? safeRoots(only) : existingRoots(env, root, { mayBeMissing });
  const unseen = only ? [] : unseenRoots(env, root);
  const input = { ...choices, roots, unseen, legacyDirs: tempDirectories(env), isWanted };
  const receipts: Receipt[] = [];
  const note = async (news: Receipt[]) => void receipts.push(...(await writeNews(news, env)));
  return { ...(await reapNow(input, onProgress, note)), receipts };
}

/**
 * The variables by which roots and temp directories are found: the helper gets nothing else of `env`. It runs
 * in another directory, so paths are made absolute here.
 */
export const placesIn = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ HOME: process.env['HOME'], ...env })
      .filter(([name]) => NAMES.test(name))
      .map(([name, value]) => [name, MAY_BE_RELATIVE.has(name) ? absolute(value) : value]),
  );

/** An empty path stays empty: it is refused later, or means none. */
export const absolute = (path: string | undefined): string | undefined => (path ? resolve(path) : path);

const NAMES = /^(QW_\w+|TMPDIR|HOME|XDG_STATE_HOME|LOCALAPPDATA|USERPROFILE)$/;
/** A relative path in any other variable is ignored. */
const MAY_BE_RELATIVE: ReadonlySet<string> = new Set(['QW_ROOT', 'TMPDIR']);
