// qw-tmp log: what became of sessions, as the receipts say: a table, all of one session, or JSON.
import { misuse } from '../errors.js';
import { quote } from '../options.js';
import { isLogging, logFile } from '../receipt/log.js';
import { receiptsHere, resolveReceipts } from '../receipt/read-receipts.js';
import { isSession, type Receipt } from '../receipt/receipt.js';
import type { Command, CommandInput } from './command.js';
import { LOG_HELP } from './command-help.js';
import { EXIT } from './exit-codes.js';
import { toJson } from './format.js';
import { receiptTable, receiptText } from './receipt-text.js';
import { print, say } from './say.js';
import { stdoutTerminal } from './terminal.js';

export const log: Command = {
  name: 'log',
  help: LOG_HELP,
  options: { last: { type: 'string' }, since: { type: 'string' } },
  run,
};

async function run({ names, isJson, value }: CommandInput): Promise<number> {
  const [name, more] = names;
  const [last, since] = [value('last'), value('since')];
  if (more !== undefined) throw misuse(`log takes one id or label, not also ${quote(more)}`);
  const limit = last === undefined ? undefined : parseCount(last);
  const { receipts: all } = await receiptsHere(resolveReceipts({ since }));
  const own = name === undefined ? all : all.filter((one) => isSession(one) && isNamed(one, name));
  const isAll = name !== undefined || since !== undefined;
  const count = limit ?? (isAll ? own.length : DEFAULT_LAST);
  const receipts = own.slice(Math.max(0, own.length - count));
  const file = logFile(process.env) ?? null;
  if (isJson) print(toJson({ version: 1, file, isLogging: isLogging(process.env), receipts }));
  else print(describe(receipts, name, file));
  return name !== undefined && own.length === 0 ? EXIT.fellShort : 0;
}

const isNamed = (receipt: Receipt & { kind: 'session' }, name: string): boolean =>
  receipt.id === name || receipt.label === name;

function describe(receipts: readonly Receipt[], name: string | undefined, file: string | null): string {
  if (!isLogging(process.env)) say('QW_LOG=off: no receipts are written');
  if (receipts.length === 0)
    return `no receipts${name === undefined ? '' : ` of ${quote(name)}`} in ${file}\n`;
  const sessions = receipts.filter(isSession);
  const isOne = name !== undefined && new Set(sessions.map(({ id }) => id)).size === 1;
  return isOne ? sessions.map(receiptText).join('\n') : receiptTable(receipts, stdoutTerminal().columns);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw misuse(`last needs a number such as 20, not ${quote(text)}`);
}

const DEFAULT_LAST = 20;
