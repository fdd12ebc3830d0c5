// qw-tmp reap: one pass of the reaper, with a progress line on a terminal and a closing line a person
// understands.
import { misuse } from '../errors.js';
import { MIN_MAX_AGE_MS, type Orphans } from '../options.js';
import { printable } from '../quote.js';
import { passHere } from '../reap/pass-here.js';
import { resolveChoices } from '../reap/reap-options.js';
import { endedBySession, type PressureStep, type Progress, type ReapReport } from '../reap/reap-report.js';
import { namesOf } from '../receipt/words.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { formatAge, formatBytes, plural, sumBytes, toJson, wayOut, withCommas } from './format.js';
import { describeKept } from './kept-work.js';
import { print, say } from './say.js';
import { progressLine } from './terminal.js';

const HELP = `qw-tmp reap removes what nobody owns or uses any more: one pass of the reaper.

  qw-tmp reap --dry-run              show what would go, change nothing
  qw-tmp reap                        remove it
  qw-tmp reap --orphans end          end what dead sessions left running, too
  qw-tmp reap --legacy --dry-run     what agents left in /tmp without qw-run

Usage: qw-tmp reap [options]

  --dry-run         change nothing, report what would be done
  --max-age AGE     at this age, what nobody owns is stale (72h); at least 1h
  --orphans WHAT    wait for processes whose session lost its owner, or end them
                    (wait)
  --legacy          also what agents left in /tmp without qw-run
  --low SPACE       less room than this is pressure, ages shrink
                    (the larger of 5% and 64M; 5% of the inodes)
  --target SPACE    up to where room is made then (twice low)
  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 done, 1 something fell short (said which), 2 misuse.
Variables: QW_ROOT QW_MAX_AGE QW_SPARE QW_LOW QW_TARGET QW_WORKTREES.
`;

export const reap: Command = { name: 'reap', help: HELP, run };

async function run({ names, root, isJson, has, value }: CommandInput): Promise<number> {
  if (names.length > 0) throw misuse(`reap takes no names: ${names[0]}; one session: qw-tmp rm`);
  const choices = resolveChoices({
    maxAge: value('max-age'),
    orphans: value('orphans') as Orphans | undefined, // checked there
    low: value('low'),
    target: value('target'),
    legacy: has('legacy'),
    dryRun: has('dry-run'),
  });
  if (choices.maxAgeMs < MIN_MAX_AGE_MS) say(clamped(value('max-age')));
  const progress = progressLine();
  const request = { choices, places: { root, env: process.env } };
  const { receipts: _noted, ...report } = await passHere(request, (done) => progress.show(soFar(done)));
  progress.clear();
  if (isJson) print(toJson(report));
  else describe(report);
  return report.failed.length > 0 ? EXIT.fellShort : 0;
}

const clamped = (typed: string | undefined): string =>
  `${typed === undefined ? 'QW_MAX_AGE' : `--max-age ${typed}`} counts as 1h: nothing younger is ever stale`;

function describe(report: ReapReport): void {
  const { dryRun, removed, ended, swept, legacy, kept, failed, pressure, bytes, entries } = report;
  for (const [id, those] of endedBySession(ended)) print(`ended ${printable(namesOf(those))} of ${id}\n`);
  for (const { id, reason, bytes: size } of removed)
    print(`${dryRun ? 'would remove' : 'removed'} ${id} (${reason}, ${formatBytes(size)})\n`);
  for (const { path, bytes: size } of swept)
    print(`${dryRun ? 'would sweep' : 'swept'} ${printable(path)} (${formatBytes(size)})\n`);
  for (const step of pressure) print(`${describeStep(step, dryRun)}\n`);
  for (const { id, state, reason, work = [] } of kept)
    print(`${[`kept ${id}: ${state}, ${reason}`, ...describeKept(id, work)].map(printable).join('\n')}\n`);
  for (const { path, reason, hint } of failed) say(`could not remove ${path}: ${reason}${wayOut(hint)}`);
  if (legacy.length > 0)
    print(
      `${legacy.length} stale entries of agents started without qw-run (${formatBytes(sumBytes(legacy))}); ` +
        `remove them with: qw-tmp reap --legacy\n`,
    );
  const what = [
    plural(removed.length, 'session'),
    ...(swept.length > 0 ? [plural(swept.length, 'stale entry')] : []),
  ].join(' and ');
  print(
    `${dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)} in ${plural(entries, 'entry')}: ` +
      `${what}; kept ${kept.length}\n`,
  );
}

const soFar = ({ removed, bytes, entries }: Progress): string =>
  `${plural(removed, 'session')}, ${plural(entries, 'entry')}, ${formatBytes(bytes)}`;

function describeStep(step: PressureStep, dryRun: boolean): string {
  const { place, cause, ageMs, removed, swept, bytes, bytesFree, inodesFree, isEnough } = step;
  const what = removed + swept === 0 ? 'nothing' : plural(removed + swept, 'entry');
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
