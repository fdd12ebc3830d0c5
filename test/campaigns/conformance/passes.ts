// Passes of a fresh reaper when all are through.
import { reapOnce } from '../../helpers/reaping.js';
import { LATER, type Stage } from './stage.js';

/**
 * Until nothing is left. More than one only where the pass says why, what was handed over is on its way, or a unit is left: a process of
 * this user that cannot be read, and started beside the tests, delays a sweep without a word. Gives complaints.
 */
export async function passes(on: Stage): Promise<string[]> {
  for (let count = 1; ; count += 1) {
    const { code, report, stderr } = await reapOnce(on.here, [], LATER);
    const left = on.left();
    if (code !== 0) return [`the reap failed: ${JSON.stringify(report.failed)} ${stderr}`];
    if (left.length === 0) return on.wrong();
    const isHeld = report.kept.some(({ state }) => state === 'held');
    const mayGoYet = isHeld || on.owned.length > 0 || left.every((name) => name.startsWith('-project/'));
    if (!mayGoYet || count > MOST) return [`left: ${left}; ${JSON.stringify(report)}`];
  }
}

const MOST = 20;
