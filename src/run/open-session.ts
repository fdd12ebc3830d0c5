// Opens a session, also on a full disk: what dead sessions left is reaped, then the same root is tried once more, then the
// next one. Only then it is refused, with who uses the space and how to free it.
import { QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { quote } from '../options.js';
import { type Culprit, culprits, placeOf } from '../reap/culprits.js';
import { reapNow } from '../reap/reap-now.js';
import { resolveReap } from '../reap/reap-options.js';
import { openIn } from '../session/open-session.js';
import type { Session } from '../session/session.js';
import type { OpenSessionOptions } from '../session/settings.js';
import { formatBytes } from '../space/format-bytes.js';

/**
 * Opens a session under the first usable managed root.
 * @throws QwRunError `ERR_QW_USAGE`, `ERR_QW_ROOT_UNSAFE`, `ERR_QW_ROOT_TOO_LONG`, `ERR_QW_ROOT_UNUSABLE`, `ERR_QW_NO_SPACE`,
 * `ERR_QW_NO_ROOT`
 */
export async function openSession(options: OpenSessionOptions = {}): Promise<Session> {
  const { QW_REAP } = options.env ?? process.env;
  const full = new Set<string>();
  for (;;) {
    let fresh: string | undefined;
    const isWorthReaping = (root: string) => {
      if (!full.has(root)) fresh = root;
      full.add(root);
      return fresh === root && QW_REAP !== 'off';
    };
    try {
      return await openIn(options, isWorthReaping);
    } catch (error) {
      if (!(error instanceof QwRunError) || error.code !== 'ERR_QW_NO_SPACE') throw error;
      if (fresh === undefined || QW_REAP === 'off') throw await explained(error, [...full]);
      await reapRoot(fresh, options);
    }
  }
}

/** Orphans and what dead removers left; never anything living, never what agents left elsewhere. */
async function reapRoot(root: string, { env = process.env, spare }: OpenSessionOptions): Promise<void> {
  const { marks: _unasked, ...input } = resolveReap({ env, spare });
  await reapNow({ ...input, roots: [root], legacy: { backends: [], isTaken: false }, limit: Infinity });
}

async function explained(error: QwRunError, roots: readonly string[]): Promise<QwRunError> {
  const { cause } = error;
  const places = roots.map(placeOf);
  const why =
    codeOf(cause) === 'EDQUOT' ? 'your quota is used up (EDQUOT)' : 'no space or no inodes are left (ENOSPC)';
  const who = (await culprits([...new Set(places.map(({ dir }) => dir))])).map(tell).join(', ');
  const where = [...new Set(places.map(({ name }) => name))].join(' and ');
  return new QwRunError(
    'ERR_QW_NO_SPACE',
    `no session can be opened: on ${where} ${why}${who ? `; largest of yours: ${who}` : ''}; free some (qw-tmp list, qw-tmp reap --legacy) or name a --root elsewhere`,
    { ...(error.path === undefined ? {} : { path: error.path }), cause },
  );
}

const tell = ({ path, bytes, entries }: Culprit): string =>
  `${quote(path)} ${formatBytes(bytes)} (${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'})`;
