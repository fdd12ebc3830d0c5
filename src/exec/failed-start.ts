// A start that got no session, in the log of receipts: the agent runs without us, and this is all that says
// so.
import { QwRunError } from '../errors.js';
import { quietly } from '../fs.js';
import { isLogging, logFile, writeNews } from '../receipt/log.js';
import { isSession, type Receipt, type SessionReceipt, sessionReceipt } from '../receipt/receipt.js';
import { newId } from '../root/layout.js';
import { makeStateDir } from '../root/state.js';

/** Writes it. `command` is what runs now all the same. */
export async function noteFailedStart(
  error: unknown,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const path = (error instanceof QwRunError && error.path) || '';
  const reason = error instanceof Error ? error.message : String(error);
  const receipt = sessionReceipt('launcher', {
    session: { root: '', dir: '', id: newId() },
    end: { state: 'failed', failed: [{ path, reason, hint: '' }] },
    more: { reason: NO_SESSION },
  });
  // No session was opened here yet, so its directory may be missing.
  const file = isLogging(env) ? logFile(env) : undefined;
  if (file !== undefined) quietly(() => makeStateDir(file));
  await writeNews([{ ...receipt, command: [...command] }], env);
}

/** Those of the last days among `receipts`. */
export const failedStarts = (receipts: readonly Receipt[], now: number): SessionReceipt[] =>
  receipts
    .filter(isSession)
    .filter(({ reason, at }) => reason === NO_SESSION && now - Date.parse(at) < RECENT_MS);

const NO_SESSION = 'no-session';
const RECENT_MS = 3 * 24 * 3_600_000;
