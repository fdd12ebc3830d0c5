// Removal that nobody waits for: a process of its own finishes what we claimed and let go of, by the road that
// every finisher goes. What it cannot remove is in the trash, for every later pass.
import { binsDirectory } from '../process/bins.js';
import { runDetached } from '../process/exec.js';
import { OWN_NODE } from '../process/find-tool.js';

/** Removes what lies in the trash of `root` and is in nobody's hand. Never throws, and returns at once. */
export function removeLater(root: string): void {
  const bins = binsDirectory();
  if (bins !== undefined) runDetached(OWN_NODE, [`${bins}/qw-watchdog.cjs`, 'finish', root]);
}
