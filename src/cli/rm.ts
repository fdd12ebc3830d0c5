// qw-tmp rm: removes the sessions named, refusing what is in use; --force ends the members first.
import { misuse } from '../errors.js';
import { type SessionName, sessionNames } from '../judge/session-dirs.js';
import { didYouMean } from '../nearest.js';
import { type RemoveReport, removeSessions } from '../reap/remove-sessions.js';
import type { Command, CommandInput } from './command.js';
import { RM_HELP } from './command-help.js';
import { EXIT } from './exit-codes.js';
import { toJson, wayOut } from './format.js';
import { describeGone } from './kept-work.js';
import { SELECTORS, select, statesWanted } from './rm-selection.js';
import { print, say } from './say.js';
import { idsMeant } from './session-words.js';

export const rm: Command = {
  name: 'rm',
  help: RM_HELP,
  options: {
    kept: { type: 'boolean' },
    orphans: { type: 'boolean' },
    all: { type: 'boolean' },
    yes: { type: 'boolean', short: 'y' },
    force: { type: 'boolean' },
  },
  run,
};

async function run(input: CommandInput): Promise<number> {
  const { names, root, isJson, has } = input;
  const selector = SELECTORS.find(has);
  if (names.length > 0 && selector !== undefined) throw misuse(`rm takes names or --${selector}, not both`);
  if (names.length === 0 && selector === undefined)
    throw misuse('rm needs the id of a session; see qw-tmp list');
  const known = selector === undefined ? await sessionNames(process.env, root) : [];
  const ids = selector === undefined ? idsMeant(names, known) : await select(input);
  if (ids === undefined) {
    say('nothing was removed');
    return EXIT.fellShort;
  }
  const only = selector === undefined ? undefined : statesWanted(has);
  const report = await removeSessions({ ids, root, only, force: has('force') });
  if (isJson) print(toJson(report));
  else tell(report, known, has('force'));
  return report.kept.length + report.failed.length > 0 ? EXIT.fellShort : 0;
}

function tell(
  { removed, ended, work, kept, failed }: RemoveReport,
  known: readonly SessionName[],
  isForced: boolean,
): void {
  const isNothing = [removed, kept, failed].every((those) => those.length === 0);
  print(isNothing ? 'nothing to remove\n' : removed.map((id) => `removed ${id}\n`).join(''));
  if (ended.length > 0) say(`ended ${ended.map(({ pid, name }) => `${name} (${pid})`).join(', ')}`);
  for (const line of describeGone(work)) say(line);
  for (const { id, state, reason } of kept) {
    const force = state === 'live' && !isForced ? '; --force ends its processes first' : '';
    say(`kept ${id}: it is ${state} (${reason})${force}`);
  }
  const ids = known.map(({ id }) => id);
  for (const { path, reason, hint } of failed) {
    const meant = didYouMean(path, ids);
    say(`could not remove ${path}: ${reason}${meant}${wayOut(hint)}`);
  }
}
