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
