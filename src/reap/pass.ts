// One pass for a program that uses the library: by its helper process, or here where it has none.
import { tell } from '../heard.js';
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import type { Receipt } from '../receipt/receipt.js';
import { noteChange } from '../session/session-ends.js';
import { type NotedReport, type PassRequest, passHere } from './pass-here.js';
import { placesOf } from './places.js';
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
  const request = { places: placesOf(options), choices: resolveChoices(options) };
  const how = { isAwaited: true, deadlineMs: deadlineMs(options.deadline) };
  return (await pass(request, (progress) => void tell(options.onProgress, progress), how)).report;
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
  const passed = helpers
    ? helpers.ask<NotedReport>('pass', request, options)
    : passHere(request, onProgress, () => signal?.aborted !== true);
  const { receipts, ...report } = await passed.finally(noteChange);
  return { report: { ...report, failed: [...report.failed, ...(helpers?.troubles() ?? [])] }, receipts };
}
