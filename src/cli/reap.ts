// qw-tmp reap: one pass of the reaper, with a progress line on a terminal and a closing line a person understands.
import { isatty } from 'node:tty';
import { QwRunError } from '../errors.js';
import { printable } from '../options.js';
import { type Progress, type ReapReport, reapNow } from '../reap/reap-now.js';
import { resolveReap } from '../reap/reap-options.js';
import type { CommandInput } from './command.js';
import { EXIT } from './exit-codes.js';
import { formatBytes } from './format.js';
import { say, write } from './say.js';

export async function reap({ ids, root, isJson, reap: options }: CommandInput): Promise<number> {
  if (ids.length > 0)
    throw new QwRunError('ERR_QW_USAGE', `reap takes no names: ${ids[0]}; qw-tmp rm removes one session`);
  const { isDryRun, maxAge, orphans, isLegacy } = options;
  const input = resolveReap({ root, maxAge, orphans: orphans as never, legacy: isLegacy, dryRun: isDryRun });
  const progress = progressLine();
  const report = await reapNow(input, progress.show);
  progress.clear();
  if (isJson) write(1, `${JSON.stringify(report, null, 2)}\n`);
  else describe(report);
  return report.failed.length > 0 ? EXIT.fellShort : 0;
}

function describe(report: ReapReport): void {
  const { dryRun, removed, swept, legacy, kept, failed, bytes, entries } = report;
  for (const { id, reason, bytes: size } of removed)
    write(1, `${dryRun ? 'would remove' : 'removed'} ${id} (${reason}, ${formatBytes(size)})\n`);
  for (const { path, bytes: size } of swept)
    write(1, `${dryRun ? 'would sweep' : 'swept'} ${printable(path)} (${formatBytes(size)})\n`);
  for (const { id, state, reason } of kept) write(1, `kept ${id}: ${state}, ${reason}\n`);
  for (const { path, reason, hint } of failed)
    say(`could not remove ${path}: ${reason}; try: ${hint}`, 'qw-tmp');
  if (legacy.length > 0)
    write(
      1,
      `${legacy.length} stale entries of agents started without qw-run (${formatBytes(total(legacy))}); take them with: qw-tmp reap --legacy\n`,
    );
  const what = [
    plural(removed.length, 'session'),
    ...(swept.length > 0 ? [plural(swept.length, 'stale entry', 'stale entries')] : []),
  ].join(' and ');
  write(
    1,
    `${dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)} in ${plural(entries, 'entry', 'entries')}: ${what}; kept ${kept.length}\n`,
  );
}

/** Rewrites one line on a terminal, a few times a second; nothing anywhere else. */
function progressLine(): { show(progress: Progress): void; clear(): void } {
  if (!isatty(2)) return { show: () => {}, clear: () => {} };
  let shownAt = performance.now();
  let isShown = false;
  return {
    show({ removed, bytes, entries }) {
      if (performance.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = performance.now();
      isShown = true;
      write(
        2,
        `\r\x1b[Kqw-tmp: ${plural(removed, 'session')}, ${plural(entries, 'entry', 'entries')}, ${formatBytes(bytes)} …`,
      );
    },
    clear: () => isShown && write(2, '\r\x1b[K'),
  };
}

const total = (units: readonly { bytes: number }[]): number =>
  units.reduce((sum, { bytes }) => sum + bytes, 0);
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
const SHOW_EVERY_MS = 200;
