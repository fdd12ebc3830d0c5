// What a pass reports of sessions whose removers died.
import { finishSessions } from '#src/reap/finish-dead.js';
import { tally } from '#src/reap/reap-report.js';

export async function finished(...[roots, policy]: Parameters<typeof finishSessions>) {
  const { add, report } = tally(policy.isDryRun ?? false, () => {});
  add(await finishSessions(roots, policy));
  return { removed: report.removed, failed: report.failed };
}
