// Receipts for people: a table, and all of one. Pure.
import { commandText, printable } from '../options.js';
import { isSession, type PassReceipt, type Receipt, type SessionReceipt } from '../receipt/receipt.js';
import { BY, failureText, namesOf, portsText, repositoryText, workText } from '../receipt/words.js';
import { formatAge, formatBytes, formatTime, table } from './format.js';

/** One line each. */
export function receiptTable(receipts: readonly Receipt[], width: number): string {
  const rows = receipts.map((receipt) =>
    (isSession(receipt) ? sessionRow(receipt) : passRow(receipt)).map(printable),
  );
  const head = ['WHEN', 'ID', 'LABEL', 'BY', 'OUTCOME', 'LASTED', 'EXIT', 'COMMAND'];
  return table([head, ...rows], { width, rightAligned: [5, 6] });
}

const sessionRow = (receipt: SessionReceipt): string[] => {
  const { at, id, label = '', by, state, reason, durationMs, ended, command = [] } = receipt;
  const outcome = reason === undefined ? state : `${state}, ${reason}`;
  const many = receipt.cut?.['ended'] ?? ended.length;
  return [
    formatTime(at),
    id,
    label,
    by,
    many > 0 ? `${outcome}, ${many} ended` : outcome,
    durationMs === undefined ? '' : formatAge(durationMs),
    exitText(receipt),
    commandText(command),
  ];
};

const passRow = ({ at, by, removed, swept, cut, bytes }: PassReceipt): string[] => {
  const units = cut?.['swept'] ?? swept.length;
  return [
    formatTime(at),
    '',
    '',
    by,
    `a pass: sessions ${removed}, stale entries ${units}`,
    '',
    '',
    formatBytes(bytes),
  ];
};

const exitText = ({ exit }: SessionReceipt): string =>
  exit === undefined ? '' : (exit.signal ?? (exit.code === null ? '' : String(exit.code)));

/** All of one session's receipt. */
export function receiptText(receipt: SessionReceipt): string {
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
    ...receipt.largest.map((one): [string, string] => ['largest', `${one.path} ${formatBytes(one.bytes)}`]),
    ['disk full', lastPressure && `${lastPressure.code}, seen ${formatTime(lastPressure.at)}`],
    ...processRows('ended', receipt.ended, cut?.['ended']),
    ...processRows('still there', receipt.left, cut?.['left']),
    ...processRows('lives on', receipt.runsOn, cut?.['runsOn']),
    ...receipt.work.map((one): [string, string] => [state === 'kept' ? 'kept' : 'went', workText(one)]),
    ...(receipt.repositories ?? []).map((one): [string, string] => ['went', repositoryText(one)]),
    ...receipt.failed.map((one): [string, string] => ['failed', failureText(one)]),
    ...(receipt.warnings ?? []).map((one): [string, string] => ['warning', one]),
  ];
  const shown = rows.flatMap(([name, text]) => (text ? [`  ${name.padEnd(11)}  ${printable(text)}\n`] : []));
  return `${formatTime(at)}  ${id}${label === undefined ? '' : `  ${printable(label)}`}\n${shown.join('')}`;
}

const sizeText = ({ bytes, entries }: { bytes: number; entries?: number | undefined }): string =>
  `${formatBytes(bytes)} in ${entries ?? '?'} entries`;

function processRows(
  name: string,
  those: readonly { pid: number; name: string; evidence: string; ports?: number[] }[],
  count = those.length,
): [string, string][] {
  const rows = those.map((one): [string, string] => [
    name,
    `${namesOf([one])}: ${one.evidence}${portsText(one)}`,
  ]);
  return count > those.length ? [...rows, [name, `${count - those.length} more`]] : rows;
}
