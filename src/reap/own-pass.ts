// Every qw-run looks after those that went before it: a pass in a detached child, at most every ten minutes a
// root, only orphans, never what agents left elsewhere. The agent does not wait for it.

import { join } from 'node:path';
import { attempt, fs, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } from '../fs.js';
import { DEFAULT_MAX_AGE_MS, parseDuration, parseNames, resolveWork } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { binsDirectory } from '../process/bins.js';
import { runDetached } from '../process/exec.js';
import { OWN_NODE } from '../process/find-tool.js';
import { safeRoots } from '../root/roots.js';
import { type ReapReport, reapNow } from './reap-now.js';

/** Starts the pass for `root` unless one ran lately or `QW_REAP=off`. */
export function startOwnPass(root: string, env: NodeJS.ProcessEnv): void {
  const bins = binsDirectory();
  if (env['QW_REAP'] === 'off' || bins === undefined || process.platform === 'win32' || !claimTurn(root))
    return;
  const { QW_MAX_AGE = '', QW_SPARE = '' } = env;
  runDetached(OWN_NODE, [join(bins, 'qw-watchdog.cjs'), 'pass', root, QW_MAX_AGE, QW_SPARE]);
}

/** What the child does. */
export async function ownPass(root: string, maxAge: string, spare: string): Promise<ReapReport> {
  await askMounts([root]);
  return reapNow({
    roots: safeRoots([root]),
    maxAgeMs: maxAge ? parseDuration('QW_MAX_AGE', maxAge) : DEFAULT_MAX_AGE_MS,
    orphans: 'wait',
    legacy: { backends: [], isTaken: false },
    legacyDirs: [],
    isDryRun: false,
    spare: parseNames(spare),
    work: resolveWork(process.env),
    limit: MOST_ORPHANS,
  });
}

/** The stamp's mtime is the last turn. Two at once may both go: the claims keep that harmless. */
function claimTurn(root: string): boolean {
  const stamp = join(root, '.reaped');
  const sinceMs = Date.now() - (attempt(() => fs.lstatSync(stamp))?.mtimeMs ?? 0);
  if (sinceMs >= 0 && sinceMs < EVERY_MS) return false;
  try {
    // O_NONBLOCK: a FIFO of that name must not hold us up.
    const fd = fs.openSync(stamp, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    fs.fchmodSync(fd, 0o600); // the umask may have taken from it: the next one has to open it too
    fs.futimesSync(fd, Date.now() / 1000, Date.now() / 1000);
    fs.closeSync(fd);
    return true;
  } catch {
    return false; // no space, or something else of that name: never a reason for the agent not to run
  }
}

const EVERY_MS = 10 * 60_000;
const MOST_ORPHANS = 500;
