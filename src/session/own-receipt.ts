// The receipts that an owner writes of its session: one of its end, and one more where somebody still used
// the TMPDIR then, once it has gone. Written at once: the process may be about to exit.

import { monotonicMs } from '../clock.js';
import type { AgentExit, EndReport } from '../end/end-report.js';
import type { Release } from '../end/release.js';
import { fs, quietly } from '../fs.js';
import { tell } from '../heard.js';
import type { Lease } from '../lease/lease.js';
import { parseReceipt } from '../receipt/line.js';
import { leaveReceipt, writeNews } from '../receipt/log.js';
import { type Receipt, sessionReceipt } from '../receipt/receipt.js';
import type { Size } from '../tree/reclaimable.js';

interface OwnReceiptOptions {
  root: string;
  dir: string;
  lease(): Lease;
  env: NodeJS.ProcessEnv;
  onReceipt?: ((receipt: Receipt) => unknown) | undefined;
}

export interface OwnReceipts {
  /** Somebody measured the session. */
  seen(size: Size): void;
  /** Gives the report. */
  ended(report: EndReport, exit: AgentExit | undefined): EndReport;
  /** What was in use at the end, and is not any more. */
  gone(last: Release): void;
}

/** Begins with the session. */
export function ownReceipts({ root, dir, lease, env, onReceipt }: OwnReceiptOptions): OwnReceipts {
  const openedAt = monotonicMs();
  let peak: Size | undefined;
  let pressed: Pick<EndReport, 'lastPressure'> = {};
  const write = (end: Partial<EndReport> & Release, exit?: AgentExit) => {
    const durationMs = Math.round(monotonicMs() - openedAt);
    const session = { id: lease().id, root, dir, found: { lease: lease() } };
    const receipt = sessionReceipt('owner', { session, end, more: { durationMs, exit, peak } });
    quietly(() => leaveReceipt(receipt, env)); // out of descriptors, say
    void tell(onReceipt, receipt);
  };
  return {
    seen: ({ bytes, entries }) => {
      peak = { bytes: Math.max(bytes, peak?.bytes ?? 0), entries: Math.max(entries, peak?.entries ?? 0) };
    },
    ended: (report, exit) => {
      if (report.lastPressure) pressed = { lastPressure: report.lastPressure };
      write(report, exit);
      return report;
    },
    gone: (last) => {
      if (!last.isGone) write({ ...last, ...pressed });
    },
  };
}

/** What a process does that `leaveReceipt` has started. */
export async function noteFromStdin(): Promise<void> {
  const receipt = parseReceipt(fs.readFileSync(0, 'utf8').trim());
  if (receipt) await writeNews([receipt], process.env);
}
