// Removal that nobody waits for: `rm` in a process of its own. It explains nothing, so what it cannot remove is left to a
// reaper's pass of our own, which knows about read-only directories; what even that leaves is in the trash, for every later pass.

import { removeSmall } from '../remove/remove-small.js';
import { STAY } from '../remove/remove-tree.js';
import { runDetached } from '../remove/run.js';
import { abandon } from '../remove/trash.js';
import { binsDirectory } from './bins.js';

/** Removes what was moved from `root` into its trash, and in which nothing is mounted. Never throws, and returns at once. */
export function removeLater(root: string, trashed: string): void {
  if (removeSmall(trashed)) return;
  const tree = abandon(trashed); // nobody's from here on: we may live for months, and every later pass may take it
  const bins = binsDirectory();
  const pass = bins === undefined ? ['true'] : [process.execPath, `${bins}/qw-watchdog.cjs`, 'pass', root];
  runDetached('/bin/sh', ['-c', SCRIPT, 'sh', tree, ...pass]);
}

const SCRIPT = `tree=$1; shift; rm -rf ${STAY} -- "$tree" 2>/dev/null; [ ! -e "$tree" ] || exec "$@"`;
