// The pass in a wrapper's child (start-pass.ts): only orphans, never what agents left elsewhere.
import { DEFAULT_MAX_AGE_MS, parseDuration, parseNames, resolveWork } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { writeNews } from '../receipt/log.js';
import { safeRoots } from '../root/roots.js';
import { reapNow } from './reap-now.js';
import type { ReapReport } from './reap-report.js';

/** Runs it. `maxAge` and `spare` are as in QW_MAX_AGE and QW_SPARE. */
export async function ownPass(
  root: string,
  maxAge: string,
  spare: string,
  limit = MOST_ORPHANS,
): Promise<ReapReport> {
  await askMounts([root]);
  const input = {
    roots: safeRoots([root]),
    maxAgeMs: maxAge ? parseDuration('QW_MAX_AGE', maxAge) : DEFAULT_MAX_AGE_MS,
    orphans: 'wait' as const,
    legacy: { backends: [], isTaken: false },
    legacyDirs: [],
    isDryRun: false,
    spare: parseNames(spare),
    work: resolveWork(process.env),
    limit,
  };
  return reapNow(input, undefined, async (receipts) => void (await writeNews(receipts, process.env)));
}

/** In the background of a start. Who waits for room takes all. */
const MOST_ORPHANS = 500;
