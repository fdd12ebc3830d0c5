// The receipts for a program that uses the library: read by its helper process.
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import { placesIn } from '../reap/pass.js';
import {
  READ_RECEIPTS,
  type ReceiptOptions,
  receiptsHere,
  resolveReceipts,
} from '../receipt/read-receipts.js';
import type { Receipt } from '../receipt/receipt.js';

/**
 * What became of sessions, oldest first. Written by whoever has our uid, agents too: for people, and nothing
 * to decide by.
 * @throws QwRunError `ERR_QW_USAGE`, and `ERR_QW_HELPER` when the helper process dies or hangs
 */
export async function readReceipts(options: ReceiptOptions = {}): Promise<Receipt[]> {
  checkOptions('readReceipts()', options, READ_RECEIPTS);
  const request = resolveReceipts(options);
  const input = { ...request, env: placesIn(request.env) };
  const how = { deadlineMs: deadlineMs() };
  const helpers = ownHelpers();
  const { receipts } = await (helpers
    ? helpers.ask<{ receipts: Receipt[] }>('receipts', input, how)
    : receiptsHere(input));
  return receipts;
}
