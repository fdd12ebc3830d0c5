// `qw-tmp rm` for a program: one session by its id, by its helper process.
import { QwRunError } from '../errors.js';
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkOptions, FLAG, type OptionNames } from '../known-options.js';
import { resolveMaxAge } from '../options.js';
import { quote } from '../quote.js';
import { SESSION_ID } from '../root/layout.js';
import { noteChange } from '../session/session-ends.js';
import { PLACES, type PlaceOptions, placesOf } from './places.js';
import { type RemoveReport, removeSessions } from './remove-sessions.js';

export interface RemoveOptions extends PlaceOptions {
  /** End its processes first, as `qw-tmp rm --force` does. Default false: what is in use is kept. */
  force?: boolean | undefined;
}

const REMOVE: OptionNames<RemoveOptions> = { force: FLAG, ...PLACES };

/**
 * Removes the session with this id. One that is in use, or that a living owner has, is kept, and the report
 * says why; with `force` its processes are ended first. Never rejects for what it finds.
 * @throws QwRunError `ERR_QW_USAGE`, the guard's errors when `root` is given and unsafe, and `ERR_QW_HELPER`
 *   when the helper process dies or hangs
 */
export async function removeSession(id: string, options: RemoveOptions = {}): Promise<RemoveReport> {
  checkOptions('removeSession()', options, REMOVE);
  const { force = false, env = process.env } = options;
  if (typeof id !== 'string' || !SESSION_ID.test(id))
    throw new QwRunError('ERR_QW_USAGE', `removeSession() needs the id of a session, not ${quote(id)}`);
  resolveMaxAge(undefined, env);
  const input = { ids: [id], force, ...placesOf(options) };
  const how = { deadlineMs: deadlineMs(options.deadline) };
  const helpers = ownHelpers();
  try {
    return await (helpers ? helpers.ask<RemoveReport>('rm', input, how) : removeSessions(input));
  } finally {
    noteChange();
  }
}
