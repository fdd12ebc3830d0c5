// Passes of a fresh reaper when all are through.
import { reapOnce } from '../helpers/reaping.js';
import { LATER, type Stage } from './stage.js';

/** Until nothing is left; a second one only where the first says why, or what was handed over is on its way. Gives complaints. */
export async function passes(on: Stage): Promise<string[]> {
  for (let count = 1; ; count += 1) {
    const { code, report, stderr } = await reapOnce(on.here, [], LATER);
    const left = on.left();
    if (code !== 0) return [`the reap failed: ${JSON.stringify(report.failed)} ${stderr}`];
    if (left.length === 0) return on.wrong();
    const isTold = report.kept.some(({ state }) => state === 'held') || on.owned.length > 0;
    if (!isTold || count > MOST) return [`left: ${left}; ${JSON.stringify(report)}`];
  }
}

const MOST = 20;
