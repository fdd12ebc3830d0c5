// qw-tmp reap: one pass of the reaper, with a progress line on a terminal and a closing line a person
// understands.
import { QwRunError } from '../errors.js';
import { printable } from '../options.js';
import { askForRoots } from '../process/ask-mounts.js';
import { type Progress, type ReapReport, reapNow } from '../reap/reap-now.js';
import { resolveReap } from '../reap/reap-options.js';
import type { PressureStep } from '../reap/relieve.js';
import type { CommandInput } from './command.js';
import { EXIT } from './exit-codes.js';
import { formatAge, formatBytes, toJson, withCommas } from './format.js';
import { describeKept } from './kept-work.js';
import { progressLine } from './progress.js';
import { say, write } from './say.js';
import { wayOut } from './way-out.js';

export async function reap({ ids, root, isJson, reap: options }: CommandInput): Promise<number> {
  if (ids.length > 0)
    throw new QwRunError('ERR_QW_USAGE', `reap takes no names: ${ids[0]}; qw-tmp rm removes one session`);
  const { isDryRun, isLegacy, orphans, ...more } = options;
  await askForRoots(process.env, root);
  const input = resolveReap({
    ...more,
    root,
    orphans: orphans as never,
    legacy: isLegacy,
    dryRun: isDryRun,
  });
  const progress = progressLine();
  const report = await reapNow(input, (done) => progress.show(soFar(done)));
  progress.clear();
  if (isJson) write(1, toJson(report));
  else describe(report);
  return report.failed.length > 0 ? EXIT.fellShort : 0;
}

function describe(report: ReapReport): void {
  const { dryRun, removed, swept, legacy, kept, failed, pressure, bytes, entries } = report;
  for (const { id, reason, bytes: size } of removed)
    write(1, `${dryRun ? 'would remove' : 'removed'} ${id} (${reason}, ${formatBytes(size)})\n`);
  for (const { path, bytes: size } of swept)
    write(1, `${dryRun ? 'would sweep' : 'swept'} ${printable(path)} (${formatBytes(size)})\n`);
  for (const step of pressure) write(1, `${describeStep(step, dryRun)}\n`);
  for (const { id, state, reason, work = [] } of kept)
    write(1, `${[`kept ${id}: ${state}, ${reason}`, ...describeKept(id, work)].map(printable).join('\n')}\n`);
  for (const { path, reason, hint } of failed)
    say(`could not remove ${path}: ${reason}${wayOut(hint)}`, 'qw-tmp');
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

const soFar = ({ removed, bytes, entries }: Progress): string =>
  `${plural(removed, 'session')}, ${plural(entries, 'entry', 'entries')}, ${formatBytes(bytes)}`;
function describeStep(step: PressureStep, dryRun: boolean): string {
  const { place, cause, ageMs, removed, swept, bytes, bytesFree, inodesFree, isEnough } = step;
  const what = removed + swept === 0 ? 'nothing' : plural(removed + swept, 'entry', 'entries');
  const free = cause === 'inodes' ? `${withCommas(inodesFree)} inodes` : formatBytes(bytesFree);
  return [
    `${printable(place)} is short of ${SHORT_OF[cause]}:`,
    `${what} unused for ${formatAge(ageMs)} ${dryRun ? 'would go' : 'went'} (${formatBytes(bytes)}),`,
    `${free} ${dryRun ? 'would be ' : ''}free${isEnough ? '' : ', not enough yet'}`,
  ].join(' ');
}

const SHORT_OF: Record<PressureStep['cause'], string> = {
  bytes: 'space',
  inodes: 'inodes',
  ENOSPC: 'space (ENOSPC)',
  EDQUOT: 'quota (EDQUOT)',
};

const total = (units: readonly { bytes: number }[]): number =>
  units.reduce((sum, { bytes }) => sum + bytes, 0);
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${withCommas(count)} ${count === 1 ? one : many}`;
