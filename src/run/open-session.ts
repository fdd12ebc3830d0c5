// The public `openSession`: on a full disk the reaper's pass is done as a server has passes done.
import { resolve } from 'node:path';
import { QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { deadlineMs } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import { pass } from '../reap/pass.js';
import { placesIn } from '../reap/places.js';
import { orphansOnly } from '../reap/reap-options.js';
import { openIn } from '../session/open-session.js';
import type { Session } from '../session/session.js';
import { OPEN_SESSION, type OpenSessionOptions } from '../session/settings.js';
import { withRoom } from './with-room.js';

/**
 * Opens a session under the first usable managed root.
 * @throws QwRunError `ERR_QW_USAGE`, `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`,
 *   `ERR_QW_ROOT_NOT_OURS`, `ERR_QW_NO_SPACE`, `ERR_QW_NO_ROOT`, `ERR_QW_ISOLATION`, `ERR_QW_ABORTED`
 */
export async function openSession(options: OpenSessionOptions = {}): Promise<Session> {
  checkOptions('openSession()', options, OPEN_SESSION);
  return withRoom(options, (isWorthReaping) => openIn(options, isWorthReaping), reapRoot);
}

async function reapRoot(root: string, { env = process.env, spare }: OpenSessionOptions): Promise<void> {
  const request = {
    choices: orphansOnly({ env, spare }),
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
