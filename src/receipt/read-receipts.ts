// The receipts there are, for whoever wants to know.
import { misuse } from '../errors.js';
import { type OptionNames, VARIABLES } from '../known-options.js';
import { type Duration, parseDuration } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { quote } from '../quote.js';
import { wantedStateDir } from '../root/state.js';
import { readLog } from './log.js';
import type { Receipt } from './receipt.js';

export interface ReceiptOptions {
  /** Only those written in so long a time before now, or since then. Default all there are. */
  since?: Duration | Date | undefined;
  /** The newest ones, at most so many. Default all there are. */
  limit?: number | undefined;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
}

export const READ_RECEIPTS: OptionNames<ReceiptOptions> = { since: true, limit: true, env: VARIABLES };

/** Plain data. */
export interface ReceiptRequest {
  /** Ms since 1970. */
  sinceMs: number | null;
  limit: number | null;
  env: NodeJS.ProcessEnv;
}

/** @throws QwRunError `ERR_QW_USAGE` */
export function resolveReceipts({ since, limit, env = process.env }: ReceiptOptions): ReceiptRequest {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw misuse(`limit must be a whole number, not ${quote(limit)}`);
  return { sinceMs: since === undefined ? null : sinceOf(since), limit: limit ?? null, env };
}

function sinceOf(since: Duration | Date): number {
  if (!(since instanceof Date)) return Date.now() - parseDuration('since', since);
  if (Number.isFinite(since.getTime())) return since.getTime();
  throw misuse('since is not a valid date');
}

/** Oldest first. */
export async function receiptsHere(request: ReceiptRequest): Promise<{ receipts: Receipt[] }> {
  const { sinceMs, limit, env } = request;
  await askMounts([wantedStateDir(env)]);
  const found = readLog(env).filter(({ at }) => sinceMs === null || Date.parse(at) >= sinceMs);
  return { receipts: limit === null ? found : found.slice(Math.max(0, found.length - limit)) };
}
