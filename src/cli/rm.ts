// qw-tmp rm: removes the sessions named, refusing what is in use; --force ends the members first.
import { QwRunError } from '../errors.js';
import { quote } from '../options.js';
import { type RmReport, removeSessions } from '../reap/remove-sessions.js';
import { SESSION_ID } from '../root/layout.js';
import type { CommandInput } from './command.js';
import { EXIT } from './exit-codes.js';
import { toJson } from './format.js';
import { describeGone } from './kept-work.js';
import { say, write } from './say.js';
import { wayOut } from './way-out.js';

export async function rm({ ids, root, isJson, isForced }: CommandInput): Promise<number> {
  if (ids.length === 0) throw new QwRunError('ERR_QW_USAGE', 'rm needs the id of a session; see qw-tmp list');
  const bad = ids.find((id) => !SESSION_ID.test(id));
  if (bad !== undefined)
    throw new QwRunError(
      'ERR_QW_USAGE',
      `${quote(bad)} is no session id (8 characters a-z, 0-9); see qw-tmp list`,
    );
  const report = await removeSessions({ ids, root, force: isForced });
  if (isJson) write(1, toJson(report));
  else tell(report);
  return report.kept.length + report.failed.length > 0 ? EXIT.fellShort : 0;
}

function tell({ removed, ended, work, kept, failed }: RmReport): void {
  for (const id of removed) write(1, `removed ${id}\n`);
  if (ended.length > 0) say(`ended ${ended.map(({ pid, name }) => `${name} (${pid})`).join(', ')}`, 'qw-tmp');
  for (const line of describeGone(work)) say(line, 'qw-tmp');
  for (const { id, state, reason } of kept) say(`kept ${id}: it is ${state} (${reason})`, 'qw-tmp');
  for (const { path, reason, hint } of failed)
    say(`could not remove ${path}: ${reason}${wayOut(hint)}`, 'qw-tmp');
}
