// An answer that somebody awaits keeps this process alive.
import { MAX_TIMER_MS } from '../options.js';

/**
 * This process stays alive for it, wherever it waits: what the helper has been asked so far may be nobody's.
 */
export async function stayFor<Result>(answer: Promise<Result>): Promise<Result> {
  const held = setInterval(() => {}, MAX_TIMER_MS);
  try {
    return await answer;
  } finally {
    clearInterval(held);
  }
}
