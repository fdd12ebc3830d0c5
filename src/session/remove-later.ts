// Removal that nobody waits for: `rm` in a process of its own. It explains nothing, so what it cannot remove
// is left to a reaper's pass of our own, which knows about read-only directories; what even that leaves is in
// the trash, for every later pass.

import { otherRemover } from '../remove/elsewhere.js';
import { STAY } from '../remove/remove-from.js';
import { runDetached } from '../remove/run.js';
import { binsDirectory } from './bins.js';

/** Removes what was moved from `root` into its trash, the lease last. Never throws, and returns at once. */
export async function removeLater(root: string, trashed: string): Promise<void> {
  const other = otherRemover();
  if (!other) return startRemoval(root, trashed);
  if (offered.size === 0) process.on('exit', startOffered);
  const offer = { root, trashed };
  offered.add(offer);
  const isTaken = await other.removeLater(root, trashed);
  offered.delete(offer);
  if (offered.size === 0) process.off('exit', startOffered);
  if (!isTaken) startRemoval(root, trashed);
}

/** What somebody else may take over, and has not answered yet. */
const offered = new Set<{ root: string; trashed: string }>();

function startOffered(): void {
  for (const { root, trashed } of offered) startRemoval(root, trashed);
}

/** The same, by a process that this one starts. */
export function startRemoval(root: string, trashed: string): void {
  const bins = binsDirectory();
  const pass = bins === undefined ? ['true'] : [process.execPath, `${bins}/qw-watchdog.cjs`, 'pass', root];
  runDetached('/bin/sh', ['-c', SCRIPT, 'sh', trashed, ...pass]);
}

// In the session's own directory, which is what lies in the trash and no link there.
const SCRIPT = `tree=$1; shift
cd -- "$tree" && [ ! -L "$tree" ] && [ . -ef "$tree" ] && rm -rf ${STAY} -- tmp &&
cd / && rm -rf ${STAY} -- "$tree"
cd /; [ ! -e "$tree" ] || exec "$@"`;
