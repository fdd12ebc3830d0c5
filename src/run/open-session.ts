// Opens a session, also on a full disk: what dead sessions left is reaped, then the same root is tried once
// more, then the next one. Only then it is refused, with who uses the space and how to free it.
import { resolve } from 'node:path';
import { throwIfAborted } from '../abort.js';
import { QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { deadlineMs } from '../helper/for-server.js';
import { pass, placesIn } from '../reap/pass.js';
import { resolveChoices } from '../reap/reap-options.js';
import { openIn } from '../session/open-session.js';
import type { Session } from '../session/session.js';
import type { OpenSessionOptions } from '../session/settings.js';
import { noSpace } from './no-space.js';

/**
 * Opens a session under the first usable managed root.
 * @throws QwRunError `ERR_QW_USAGE`, `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`,
 *   `ERR_QW_ROOT_NOT_OURS`,
 * `ERR_QW_NO_SPACE`, `ERR_QW_NO_ROOT`, `ERR_QW_ISOLATION`, `ERR_QW_ABORTED`
 */
export async function openSession(options: OpenSessionOptions = {}): Promise<Session> {
  const { env = process.env } = options;
  const isReaping = env['QW_REAP'] !== 'off';
  const full = new Map<string, QwRunError>();
  for (;;) {
    throwIfAborted(options.signal);
    let fresh: string | undefined;
    const isWorthReaping = (root: string, why: QwRunError) => {
      if (!full.has(root)) fresh = root;
      full.set(root, why);
      return fresh === root && isReaping;
    };
    try {
      return await openIn(options, isWorthReaping);
    } catch (error) {
      if (!(error instanceof QwRunError) || error.code !== 'ERR_QW_NO_SPACE') throw error;
      if (fresh === undefined || !isReaping) throw await noSpace(full, env);
      await reapRoot(fresh, options).catch((why: unknown) => {
        // What keeps the reaper from its work is no reason not to try the next root.
        const isRefused = why instanceof QwRunError && why.code !== 'ERR_QW_HELPER';
        if (isRefused || codeOf(why) === undefined) throw why;
      });
    }
  }
}

/** Orphans and what dead removers left; never anything living, never what agents left elsewhere. */
async function reapRoot(root: string, { env = process.env, spare }: OpenSessionOptions): Promise<void> {
  const { marks: _unasked, ...choices } = resolveChoices({ env, spare });
  const legacy = { backends: [], isTaken: false };
  const request = {
    choices: { ...choices, legacy, limit: Number.MAX_SAFE_INTEGER },
    places: { only: [resolve(root)], env: placesIn(env) },
  };
  await pass(request, () => {}, { isAwaited: true, deadlineMs: deadlineMs() });
}
