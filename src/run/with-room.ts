// Opens a session, also on a full disk: reap what dead sessions left, try the same root once more, then the
// next one. Only then refuse, with who uses the space and how to free it.
import { throwIfAborted } from '../abort.js';
import { isRefusal, type QwRunError } from '../errors.js';
import type { OpenSessionOptions } from '../session/settings.js';
import { noSpace } from './no-space.js';

/** Is asked about a root that is full: whether to throw at once, as it will be reaped. */
export type IsWorthReaping = (root: string, why: QwRunError) => boolean;

/** Opens one by `open`; `makeRoom` reaps a root that is full. */
export async function withRoom<T>(
  options: OpenSessionOptions,
  open: (isWorthReaping: IsWorthReaping) => T | Promise<T>,
  makeRoom: (root: string, options: OpenSessionOptions) => Promise<void>,
): Promise<T> {
  const { env = process.env } = options;
  const isReaping = env['QW_REAP'] !== 'off';
  const full = new Map<string, QwRunError>();
  for (;;) {
    throwIfAborted(options.signal);
    let fresh: string | undefined;
    const isWorthReaping: IsWorthReaping = (root, why) => {
      if (!full.has(root)) fresh = root;
      full.set(root, why);
      return fresh === root && isReaping;
    };
    try {
      return await open(isWorthReaping);
    } catch (error) {
      if (!isRefusal(error, 'ERR_QW_NO_SPACE')) throw error;
      if (fresh === undefined || !isReaping) throw await noSpace(full, env);
      await makeRoom(fresh, options);
    }
  }
}
