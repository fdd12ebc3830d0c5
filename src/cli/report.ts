// Reports a session's end on stderr: what a person has to know or do, one line each, nothing when all went
// well.
import { quote } from '../quote.js';
import { namesOf } from '../receipt/words.js';
import type { EndReport } from '../session/session.js';
import { formatBytes, wayOut } from './format.js';
import { describeKept } from './kept-work.js';
import { say } from './say.js';

interface TellOptions {
  /** The agent itself: its end is no news. */
  agent: number | undefined;
  isQuiet: boolean;
  hasWatchdog: boolean;
}

export function tellEnd(report: EndReport, { agent, isQuiet, hasWatchdog }: TellOptions): void {
  const { id, tmpdir, state, ended, left, runsOn, failed, work, isGone, warnings = [] } = report;
  const what = state === 'kept' ? 'keep' : 'remove';
  for (const { path, reason, hint } of failed) say(`could not ${what} ${path}: ${reason}${wayOut(hint)}`);
  if (report.lastPressure)
    say(`${describePressure(tmpdir, report.lastPressure)}${describeLargest(report.largest)}`);
  if (isQuiet) return;
  for (const line of warnings) say(line);
  const survivors = ended.filter(({ pid }) => pid !== agent);
  if (survivors.length > 0) say(`ended ${survivors.length} left running: ${namesOf(survivors)}`);
  const others = runsOn.filter(({ reason }) => TOLD.has(reason));
  const shared = namesOf(others, undefined, ({ evidence }) => evidence);
  if (others.length > 0) say(`left running, because others use it too: ${shared}`);
  for (const line of describeKept(id, work)) say(line);
  if (isGone) say(`${tmpdir} was gone before its session ended: somebody else removed it`);
  if (state === 'kept' && work.length === 0) say(`kept ${tmpdir}; remove it with: qw-tmp rm ${id}`);
  const then = hasWatchdog ? 'it goes when they do' : `then remove it with: qw-tmp rm ${id}`;
  const users = namesOf(left, undefined, ({ why }) => (why === 'member' ? '' : why));
  if (state === 'held') say(`${tmpdir} stays while it is in use by ${users}; ${then}`);
}

/** Nobody is told of helpers and key agents: everybody has them. */
const TOLD: ReadonlySet<string> = new Set(['guest', 'display', 'other-user', 'refused', 'may-be']);

function describePressure(
  tmpdir: string,
  { code, at, limitBytes }: NonNullable<EndReport['lastPressure']>,
): string {
  const seen = `(${code}, seen at ${at.slice(11, 16)} UTC): commands may have failed without a word`;
  if (limitBytes !== undefined)
    return `the session's limit of ${formatBytes(limitBytes)} was reached ${seen}; give it more with --size`;
  const what = code === 'EDQUOT' ? 'your disk quota was used up' : 'no space or no inodes were left';
  return `${what} at ${tmpdir} ${seen}; see qw-tmp list and df`;
}

function describeLargest(largest: EndReport['largest']): string {
  const told = largest.map(
    ({ path, bytes, isPartial }) => `${quote(path)} ${isPartial ? 'over ' : ''}${formatBytes(bytes)}`,
  );
  return told.length > 0 ? `; largest: ${told.join(', ')}` : '';
}
