// Looks through many units: find(1) goes through large trees three times as fast as we do, two of them side by side six times. It says of
// each entry what our own look would see, and the same is made of it. Where it did not see everything (something vanished under it, or
// could not be read), and where there is no GNU find, its answer only ever keeps a unit: all others are examined by ourselves.

import { askFind } from '../process/ask-find.js';
import { aloneUntil, portions, sideBySide } from '../process/shares.js';
import { addPrinted, printBlocks } from '../space/blocks-by-find.js';
import { type Reclaimable, reclaimable } from '../space/reclaimable.js';
import { type Examination, type ExamineOptions, examine, isLock } from './examine.js';
import { BARE, bareRepository, isOfRepository } from './repositories.js';

export type Finding = Pick<Examination, 'reason' | 'bytes' | 'entries'>;
type Options = Omit<ExamineOptions, 'until'>;

/** What `examine` would say of each of `units`, in their order. */
export async function examineAll(units: readonly string[], options: Options): Promise<Finding[]> {
  const findings: Finding[] = [];
  const until = aloneUntil(units.length);
  for (const unit of units) {
    if (performance.now() > until) break;
    findings.push(await examine(unit, options));
  }
  const asked = await Promise.all(
    portions(units.slice(findings.length), sideBySide()).map((part) => findingsByFind(part, options)),
  );
  for (const finding of asked.flat())
    findings.push(finding ?? (await examine(units[findings.length] as string, options)));
  return findings;
}

/** The same by one find; undefined for each unit that has to be examined. */
export async function findingsByFind(
  units: readonly string[],
  { freshAfter, isMoved = false }: Options,
): Promise<(Finding | undefined)[]> {
  const sums: Sum[] = [];
  // Without a complaint each of them was there, and came in this order.
  const isWhole = await askFind({ starts: units, expression: tests(freshAfter), end: '\0' }, (record) => {
    if (record.startsWith(MARK)) mark(sums.at(-1), record.slice(1), isMoved);
    else add(sums, record);
  });
  const isKnown = isWhole && sums.length === units.length && sums.every(({ freed }) => freed.bytes >= 0);
  return units.map((_, at) => {
    const sum = sums[at];
    const reason = sum && reasonOf(sum, isMoved);
    return sum && (isKnown || reason) ? tell(sum, reason) : undefined;
  });
}

/**
 * `u<depth>` of what was used; of all else `<type><depth> <blocks>`, for a file of several names also their number, device and
 * inode. Then what is remarkable about it.
 */
function tests(freshAfter: number): string[] {
  const after = `@${(freshAfter / 1_000).toFixed(3)}`;
  const print = (format: string) => ['-printf', `${format}\\0`];
  const isDirectory = ['-type', 'd'];
  const isChanged = ['-newerct', after];
  const isWritten = ['-newermt', after];
  const isUsed = ['!', ...isDirectory, '(', ...isWritten, '-o', '-newerat', after, ')'];
  return [
    ...['(', ...isUsed, ...print('u%d'), '-o', ...printBlocks('%y%d ', '\\0'), ')'],
    ...[',', '(', ...REMARKABLE, ')', ...print('!name %f')],
    ...[',', ...isDirectory, '(', ...isWritten, '-o', ...isChanged, ')', ...print('!directory')],
    ...[',', '!', ...isDirectory, ...isChanged, '!', '(', ...isUsed, ')', ...print('!changed')],
  ];
}

/** Names that may decide; which do is ours to say. */
const REMARKABLE = [
  '-iname',
  '*lock*',
  '-o',
  '-name',
  '.*',
  ...BARE.flatMap((name) => ['-o', '-name', name]),
];

interface Sum {
  freed: Reclaimable;
  entries: number;
  files: number;
  hasFreshDirectory: boolean;
  /** How deep the entry that was added last lies. */
  depth: number;
  /** By depth: told the names in the directory that find is in. It is through with one before it comes to the next. */
  areBare: ReturnType<typeof bareRepository>[];
  reason: Finding['reason'];
}

function add(sums: Sum[], record: string): void {
  const blank = record.indexOf(' ');
  const depth = record.slice(1, blank < 0 ? undefined : blank);
  if (depth === '0') sums.push(newSum());
  const sum = sums.at(-1);
  if (!sum) return;
  sum.entries += 1;
  sum.depth = Number(depth);
  const type = record[0];
  if (type === 'd') sum.areBare[sum.depth + 1] = bareRepository();
  if (type === 'u') {
    sum.reason ??= 'fresh';
    return;
  }
  if (type === 'f' || type === 'l') sum.files += 1;
  else if (type !== 'd') sum.reason ??= 'socket-or-device';
  addPrinted(sum.freed, record.slice(blank + 1));
}

const newSum = (): Sum => ({
  freed: reclaimable(),
  entries: 0,
  files: 0,
  hasFreshDirectory: false,
  depth: 0,
  areBare: [],
  reason: undefined,
});

/** Something remarkable about the entry that was added last. */
function mark(sum: Sum | undefined, what: string, isMoved: boolean): void {
  if (!sum) return;
  if (what.startsWith('name ')) addName(sum, what.slice('name '.length));
  if (what === 'directory') sum.hasFreshDirectory = true;
  const isItself = sum.entries === 1;
  if (what === 'changed' && !(isMoved && isItself)) sum.reason ??= 'fresh';
}

function addName(sum: Sum, name: string): void {
  if (isLock(name)) sum.reason ??= 'lock';
  if (isOfRepository(name) || sum.areBare[sum.depth]?.(name)) sum.reason ??= 'repository';
}

const reasonOf = ({ reason, files, hasFreshDirectory }: Sum, isMoved: boolean): Finding['reason'] =>
  reason ?? (!isMoved && files === 0 && hasFreshDirectory ? 'fresh' : undefined);

const tell = ({ freed, entries }: Sum, reason: Finding['reason']): Finding => ({
  ...(reason && { reason }),
  bytes: freed.bytes,
  entries,
});

const MARK = '!';
