// Our place in the terminal: whether the keyboard's signals reach our group by themselves (credentials(7),
// tty_ioctl(4)).
import { codeOf, quietly } from '../fs.js';
import { readStat } from '../process/identity.js';

/** Our group is the terminal's foreground group: Ctrl-C and Ctrl-\ went to the agent already. */
export function isForeground(): boolean {
  const own = quietly(() => readStat(process.pid)); // out of descriptors: the signal counts
  return own !== undefined && own.tpgid > 0 && own.tpgid === own.pgrp;
}

/**
 * The terminal may be set right by us: it is ours, or nobody's since the agent died in a group of its own.
 * Not when another job is in the foreground.
 */
export function mayTouchTerminal(): boolean {
  const own = readStat(process.pid);
  return own !== undefined && own.tpgid > 0 && (own.tpgid === own.pgrp || !hasProcesses(own.tpgid));
}

function hasProcesses(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}
