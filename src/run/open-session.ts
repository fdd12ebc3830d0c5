// The public `openSession`: on a full disk the reaper's pass is done as a server has passes done.
import { resolve } from 'node:path';
import { QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { deadlineMs } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import { pass, placesIn } from '../reap/pass.js';
import { resolveChoices } from '../reap/reap-options.js';
import type { Session } from '../session/session.js';
import { OPEN_SESSION, type OpenSessionOptions } from '../session/settings.js';
import { openWithRoom } from './with-room.js';

/**
 * Opens a session under the first usable managed root.
 * @throws QwRunError `ERR_QW_USAGE`, `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`,
 *   `ERR_QW_ROOT_NOT_OURS`, `ERR_QW_NO_SPACE`, `ERR_QW_NO_ROOT`, `ERR_QW_ISOLATION`, `ERR_QW_ABORTED`
 */
export async function openSession(options: OpenSessionOptions = {}): Promise<Session> {
  checkOptions('openSession()', options, OPEN_SESSION);
  return openWithRoom(options, reapRoot);
}

/** Orphans and what dead removers left; never anything living, never what agents left elsewhere. */
async function reapRoot(root: string, { env = process.env, spare }: OpenSessionOptions): Promise<void> {
  const { watermarks: _unasked, ...choices } = resolveChoices({ env, spare });
  const legacy = { backends: [], isTaken: false };
  const request = {
    choices: { ...choices, legacy, limit: Number.MAX_SAFE_INTEGER },
    places: { only: [resolve(root)], env: placesIn(env) },
  };
  try {
    await pass(request, () => {}, { isAwaited: true, deadlineMs: deadlineMs() });
  } catch (why) {
    // What keeps the reaper from its work is no reason not to try the next root.
    const isRefused = why instanceof QwRunError && why.code !== 'ERR_QW_HELPER';
    if (isRefused || codeOf(why) === undefined) throw why;
  }
}
