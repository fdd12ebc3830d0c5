// The reaper's worker thread: gets its input, posts progress and the report.
import { parentPort, workerData } from 'node:worker_threads';
import type { ReapInput } from '../reap/reap-input.js';
import { reapNow } from '../reap/reap-now.js';

let last = 0;
const onProgress = (progress: unknown) => {
  if (performance.now() - last < 100) return;
  last = performance.now();
  parentPort?.postMessage({ progress });
};

void reapNow(workerData as ReapInput, onProgress).then((report) => parentPort?.postMessage({ report }));
