// Opening a session can be given up: what takes long on the way there listens to one signal.
import { QwRunError } from './errors.js';

/**
 * Throws where `signal` was aborted.
 * @throws QwRunError `ERR_QW_ABORTED`
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** Calls `give` with that error when `signal` is aborted, at once if it was; gives the undo. */
export function onAbort(signal: AbortSignal | undefined, give: (error: QwRunError) => void): () => void {
  if (!signal) return () => {};
  const abort = () => give(aborted(signal));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

const aborted = ({ reason: cause }: AbortSignal): QwRunError =>
  new QwRunError('ERR_QW_ABORTED', 'the session was given up before it was open', { cause });
