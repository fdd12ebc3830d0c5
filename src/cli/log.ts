// qw-tmp log: what became of sessions, as the receipts say: a table, all of one session, or JSON.
import { misuse } from '../errors.js';
import { commandText, printable, quote } from '../quote.js';
import { isLogging, logFile } from '../receipt/log.js';
import { receiptsHere, resolveReceipts } from '../receipt/read-receipts.js';
import { isSession, type PassReceipt, type Receipt, type SessionReceipt } from '../receipt/receipt.js';
import { BY, failureText, namesOf, portsText, repositoryText, workText } from '../receipt/words.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { formatAge, formatBytes, formatTime, table, toJson } from './format.js';
import { print, say } from './say.js';
import { stdoutTerminal } from './terminal.js';

const HELP = `qw-tmp log shows what became of sessions, whoever ended them: the receipts.

  qw-tmp log                         the last 20
  qw-tmp log --since 1h              those of the last hour
  qw-tmp log k3j9x0ab                all about one session, by id or label

Usage: qw-tmp log [NAME] [options]

  --last N          the newest N (20; all with a name or --since)
  --since DURATION  only what was written in this time
  --json            for programs

Exit status: 0 done, 1 no receipt of that name, 2 misuse.
QW_LOG=off: nobody writes any.
`;

export const log: Command = { name: 'log', help: HELP, run };

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

const isNamed = (receipt: SessionReceipt, name: string): boolean =>
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

/** One line each. */
function receiptTable(receipts: readonly Receipt[], width: number): string {
  const rows = receipts.map((receipt) => (isSession(receipt) ? sessionRow(receipt) : passRow(receipt)));
  const head = ['WHEN', 'ID', 'LABEL', 'BY', 'OUTCOME', 'LASTED', 'EXIT', 'COMMAND'];
  return table([head, ...rows], { width, rightAligned: [5, 6] });
}

function sessionRow(receipt: SessionReceipt): string[] {
  const { at, id, label = '', by, state, reason, durationMs, ended, cut, command = [] } = receipt;
  const many = cut?.['ended'] ?? ended.length;
  const outcome = [state, reason, many > 0 && `${many} ended`].filter(Boolean).join(', ');
  const lasted = durationMs === undefined ? '' : formatAge(durationMs);
  return [formatTime(at), id, label, by, outcome, lasted, exitText(receipt), commandText(command)];
}

function passRow({ at, by, removed, swept, cut, bytes }: PassReceipt): string[] {
  const outcome = `a pass: sessions ${removed}, stale entries ${cut?.['swept'] ?? swept.length}`;
  return [formatTime(at), '', '', by, outcome, '', '', formatBytes(bytes)];
}

const exitText = ({ exit }: SessionReceipt): string => String(exit?.signal ?? exit?.code ?? '');

/** All of one session's receipt. */
function receiptText(receipt: SessionReceipt): string {
  const { id, label, by, at, openedAt, durationMs, state, reason, peak, bytes, entries, cut, lastPressure } =
    receipt;
  const lasted = durationMs === undefined ? '' : `, lasted ${formatAge(durationMs)}`;
  const rows: [name: string, text: string | undefined][] = [
    ['command', receipt.command && commandText(receipt.command)],
    ['in', receipt.cwd],
    ['TMPDIR', receipt.root === '' ? undefined : receipt.tmpdir],
    ['opened', openedAt === undefined ? undefined : `${formatTime(openedAt)}${lasted}`],
    ['outcome', `${state}${reason === undefined ? '' : ` (${reason})`}, by ${BY[by]}`],
    ['exit', exitText(receipt) || undefined],
    ['peak seen', peak && sizeText(peak)],
    ['size', bytes === undefined ? undefined : sizeText({ bytes, entries })],
    ...each(
      'largest',
      receipt.largest.map(({ path, bytes: size }) => `${path} ${formatBytes(size)}`),
    ),
    ['disk full', lastPressure && `${lastPressure.code}, seen ${formatTime(lastPressure.at)}`],
    ...each('ended', processTexts(receipt.ended, cut?.['ended'])),
    ...each('still there', processTexts(receipt.left, cut?.['left'])),
    ...each('lives on', processTexts(receipt.runsOn, cut?.['runsOn'])),
    ...each(state === 'kept' ? 'kept' : 'went', receipt.work.map(workText)),
    ...each('went', receipt.repositories?.map(repositoryText)),
    ...each('failed', receipt.failed.map(failureText)),
    ...each('warning', receipt.warnings),
  ];
  const shown = rows.flatMap(([name, text]) => (text ? [`  ${name.padEnd(11)}  ${printable(text)}\n`] : []));
  return `${formatTime(at)}  ${id}${label === undefined ? '' : `  ${printable(label)}`}\n${shown.join('')}`;
}

const sizeText = ({ bytes, entries }: { bytes: number; entries?: number | undefined }): string =>
  `${formatBytes(bytes)} in ${entries ?? '?'} entries`;

const each = (name: string, texts: readonly string[] = []): [name: string, text: string][] =>
  texts.map((text) => [name, text]);

function processTexts(
  those: readonly { pid: number; name: string; evidence: string; ports?: number[] }[],
  count = those.length,
): string[] {
  const texts = those.map((one) => `${namesOf([one])}: ${one.evidence}${portsText(one)}`);
  return count > those.length ? [...texts, `${count - those.length} more`] : texts;
}
