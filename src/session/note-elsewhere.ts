// A receipt whose log lies on a FUSE or network mount. It answered when the session was opened, and may not
// any more: nobody waits for it. In a server its helper process writes; else a process of its own, which asks
// first. It gets the receipt by its stdin: what is in arguments all users of the machine see.
import { fs } from '../fs.js';
import { binsDirectory } from '../process/bins.js';
import { runDetached } from '../process/exec.js';
import { OWN_NODE } from '../process/find-tool.js';
import { otherWriter } from '../receipt/elsewhere.js';
import { lineOf } from '../receipt/line.js';
import { writeNews } from '../receipt/log.js';
import { parseReceipt } from '../receipt/parse.js';
import type { Receipt } from '../receipt/receipt.js';

/** Has it written, or loses it. Returns at once, never throws. */
export function noteElsewhere(receipt: Receipt, env: NodeJS.ProcessEnv): void {
  const other = otherWriter();
  const bins = binsDirectory();
  if (other) other(receipt, env);
  else if (bins !== undefined) runDetached(OWN_NODE, [`${bins}/qw-watchdog.cjs`, 'note'], lineOf(receipt));
}

/** What that process does. */
export async function noteFromStdin(): Promise<void> {
  const receipt = parseReceipt(fs.readFileSync(0, 'utf8').trim());
  if (receipt) await writeNews([receipt], process.env);
}
