// The reaper for programs: the pass runs in a worker thread, so a server does not feel it.
import { Worker } from 'node:worker_threads';
import { askForRoots } from '../process/ask-mounts.js';
import { bareEnv } from '../process/bare-env.js';
import { binsDirectory } from '../session/bins.js';
import type { ReapInput } from './reap-input.js';
import { type Progress, type ReapReport, reapNow } from './reap-now.js';
import { type ReapOptions, resolveReap } from './reap-options.js';

/**
 * One pass over all managed roots: removes what nobody owns or uses any more. Never rejects for what it
 * finds; that is in the report.
 * @throws QwRunError `ERR_QW_USAGE`, and the guard's errors when `root` is given and unsafe
 */
export async function reap(options: ReapOptions = {}): Promise<ReapReport> {
  await askForRoots(options.env ?? process.env, options.root);
  return inWorker(resolveReap(options), options.onProgress ?? (() => {}), true);
}

/** Runs the pass off the main thread. `isAwaited`: the process stays alive for it. */
export function inWorker(
  input: ReapInput,
  onProgress: (progress: Progress) => void,
  isAwaited: boolean,
): Promise<ReapReport> {
  const bins = binsDirectory();
  if (bins === undefined) return reapNow(input, onProgress); // bundled by somebody else, without our worker
  const worker = new Worker(`${bins}/qw-reaper.cjs`, {
    workerData: input,
    env: bareEnv(),
  });
  if (!isAwaited) worker.unref();
  return new Promise((resolve, reject) => {
    worker.on('message', (message: { progress?: Progress; report?: ReapReport }) => {
      if (message.progress) onProgress(message.progress);
      if (message.report) resolve(message.report);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the reaper's thread ended with ${code} and no report`)));
  });
}
