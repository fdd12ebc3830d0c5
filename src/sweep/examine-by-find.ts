// Looks through units by find(1). It says of each entry what our own look would see, and the same is made
// of it.

import { askFind } from '../process/ask-find.js';
import { readMounts } from '../root/mounts.js';
import { addPrinted, printBlocks } from '../space/blocks-by-find.js';
import { type Reclaimable, reclaimable } from '../space/reclaimable.js';
import { type Examination, type ExamineOptions, isLock } from './examine.js';
import {
  CLOCK_ERROR_MS,
  DAY_MS,
  type FileTimes,
  lastUse,
  type ReadsNoted,
  readsNotedAt,
} from './last-use.js';
import { BARE, bareRepository, isOfRepository } from './repositories.js';

export type Finding = Pick<Examination, 'reason' | 'bytes' | 'entries'>;
export type Options = Omit<ExamineOptions, 'until'>;

/** What `examine` would say of each; undefined for each that it has to be asked about. */
export async function findingsByFind(
  units: readonly string[],
  { freshAfter, isMoved = false, now = Date.now(), noted }: Options,
): Promise<(Finding | undefined)[]> {
  const sums: Sum[] = [];
  const mounts = noted ? [] : readMounts();
  const begin = () => sums.push(newSum(noted ?? readsNotedAt(units[sums.length] ?? '/', mounts)));
  const isFresh = (times: FileTimes, sum: Sum) => lastUse(times, sum.noted, now) > freshAfter;
  // Without a complaint each of them was there, and came in this order.
  const isWhole = await askFind(
    { starts: units, expression: tests(freshAfter, now), end: '\0' },
    (record) => {
      if (!record.startsWith(MARK)) {
        if (depthOf(record) === '0') begin();
        add(sums.at(-1), record);
      } else mark(sums.at(-1), record.slice(1), { isMoved, isFresh });
    },
  );
  const isKnown = isWhole && sums.length === units.length && sums.every(({ freed }) => freed.bytes >= 0);
  return units.map((_, at) => {
    const sum = sums[at];
    const reason = sum && reasonOf(sum, isMoved);
    return sum && (isKnown || reason) ? tell(sum, reason) : undefined;
  });
}

/**
 * `u<depth>` of what was used for certain; of all else `<type><depth> <blocks>`, for a file of several names
 * also their number, device and inode. Then what is remarkable about it, such as times that may mean it was
 * used.
 */
function tests(freshAfter: number, now: number): string[] {
  const at = (ms: number) => `@${(ms / 1_000).toFixed(3)}`;
  const after = at(freshAfter);
  const print = (format: string) => ['-printf', `${format}\\0`];
  const isDirectory = ['-type', 'd'];
  const isPast = (which: string) => ['(', which, after, '!', which, at(now + CLOCK_ERROR_MS), ')'];
  const isWritten = isPast('-newermt');
  const isUsed = ['!', ...isDirectory, '(', ...isWritten, '-o', ...isPast('-newerat'), ')'];
  const isOther = ['!', ...isDirectory, '!', '(', ...isUsed, ')'];
  const since = at(Math.min(freshAfter, now) - DAY_MS);
  const mayBeUsed = ['(', '-newerct', since, '-o', '-newermt', since, '-o', '-newerat', since, ')'];
  return [
    ...['(', ...isUsed, ...print('u%d'), '-o', ...printBlocks('%y%d ', '\\0'), ')'],
    ...[',', '(', ...REMARKABLE, ')', ...print('!name %f')],
    ...[',', ...isDirectory, '(', ...isWritten, '-o', '-newerct', after, ')', ...print('!directory')],
    ...[',', ...isOther, ...mayBeUsed, ...print('!times %A@ %T@ %C@')],
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
  /**
   * By depth: told the names in the directory that find is in. It ends with one before it comes to the next.
   */
  areBare: ReturnType<typeof bareRepository>[];
  noted: ReadsNoted;
  reason: Finding['reason'];
}

const depthOf = (record: string): string => record.slice(1).split(' ', 1)[0] ?? '';

function add(sum: Sum | undefined, record: string): void {
  if (!sum) return;
  sum.entries += 1;
  sum.depth = Number(depthOf(record));
  const type = record[0];
  if (type === 'd') sum.areBare[sum.depth + 1] = bareRepository();
  if (type === 'u') {
    sum.reason ??= 'fresh';
    return;
  }
  if (type === 'f' || type === 'l') sum.files += 1;
  else if (type !== 'd') sum.reason ??= 'socket-or-device';
  addPrinted(sum.freed, record.slice(record.indexOf(' ') + 1));
}

const newSum = (noted: ReadsNoted): Sum => ({
  freed: reclaimable(),
  entries: 0,
  files: 0,
  hasFreshDirectory: false,
  depth: 0,
  areBare: [],
  noted,
  reason: undefined,
});

interface MarkOptions {
  isMoved: boolean;
  isFresh: (times: FileTimes, sum: Sum) => boolean;
}

/** Something remarkable about the entry that was added last. */
function mark(sum: Sum | undefined, what: string, { isMoved, isFresh }: MarkOptions): void {
  if (!sum) return;
  if (what.startsWith('name ')) addName(sum, what.slice('name '.length));
  if (what === 'directory') sum.hasFreshDirectory = true;
  if (what.startsWith('times ') && !sum.reason) {
    const [atimeMs = 0, mtimeMs = 0, changedMs = 0] = what.split(' ').slice(1).map(milliseconds);
    const isItself = sum.entries === 1;
    if (isFresh({ atimeMs, mtimeMs, ctimeMs: isMoved && isItself ? 0 : changedMs }, sum))
      sum.reason = 'fresh';
  }
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

const milliseconds = (seconds: string): number => Number(seconds) * 1_000;
const MARK = '!';
