// The receipts for a program that uses the library: read by its helper process.
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import { placesIn } from '../reap/places.js';
import {
  READ_RECEIPTS,
  type ReceiptOptions,
  receiptsHere,
  resolveReceipts,
} from '../receipt/read-receipts.js';
import type { Receipt } from '../receipt/receipt.js';

/**
 * What became of sessions, oldest first. Agents can write them too: for people, and nothing to decide by.
 * @throws QwRunError `ERR_QW_USAGE`, and `ERR_QW_HELPER` when the helper process dies or hangs
 */
export async function readReceipts(options: ReceiptOptions = {}): Promise<Receipt[]> {
  checkOptions('readReceipts()', options, READ_RECEIPTS);
  const request = resolveReceipts(options);
  const input = { ...request, env: placesIn(request.env) };
  const asked = ownHelpers()?.ask<{ receipts: Receipt[] }>('receipts', input, { deadlineMs: deadlineMs() });
  return (await (asked ?? receiptsHere(input))).receipts;
}
