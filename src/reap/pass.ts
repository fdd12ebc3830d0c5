// One pass for a program that uses the library: by its helper process, or here where it has none.
import { resolve } from 'node:path';
import { tell } from '../heard.js';
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import { checkString } from '../options.js';
import type { Receipt } from '../receipt/receipt.js';
import { type NotedReport, type PassRequest, passHere } from './pass-here.js';
import { REAP, type ReapOptions, resolveChoices } from './reap-options.js';
import type { Progress, ReapReport } from './reap-report.js';

/**
 * One pass over all managed roots: removes what nobody owns or uses any more. Never rejects for what it
 * finds; that is in the report.
 * @throws QwRunError `ERR_QW_USAGE`, the guard's errors when `root` is given and unsafe, and `ERR_QW_HELPER`
 *   when the helper process dies or hangs: what it had begun is finished by the next pass
 */
export async function reap(options: ReapOptions = {}): Promise<ReapReport> {
  checkOptions('reap()', options, REAP);
  const { env = process.env, root, onProgress, deadline } = options;
  checkString('root', root);
  const request = { choices: resolveChoices(options), places: { root: absolute(root), env: placesIn(env) } };
  const how = { isAwaited: true, deadlineMs: deadlineMs(deadline) };
  return (await pass(request, (progress) => void tell(onProgress, progress), how)).report;
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
