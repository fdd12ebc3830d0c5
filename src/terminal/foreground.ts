// Our place in the terminal: whether the keyboard's signals reach our group by themselves (credentials(7),
// tty_ioctl(4)).
import { quietly } from '../fs.js';
import { isPidTaken, readStat } from '../process/identity.js';

/** Our group is the terminal's foreground group: Ctrl-C and Ctrl-\ went to the agent already. */
export function isForeground(): boolean {
  const own = quietly(() => readStat(process.pid)); // out of descriptors: the signal counts
  return own !== undefined && own.tpgid > 0 && own.tpgid === own.pgrp;
}

/** We may set the terminal right: it is ours, or nobody's since the agent died in a group of its own. */
export function mayTouchTerminal(): boolean {
  const own = readStat(process.pid);
  const isFree = (group: number) => !isPidTaken(-group); // kill(2) takes the negative for the group
  return own !== undefined && own.tpgid > 0 && (own.tpgid === own.pgrp || isFree(own.tpgid));
}
