// A list for a program that uses the library: made by its helper process, kept for a second, and shared by
// all who ask meanwhile. A page that asks every second costs its server next to nothing.
import { monotonicMs, turns } from '../clock.js';
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { sessionChanges } from '../session/session-ends.js';
import { type ListOptions, listNow, resolveList, type SessionList } from './list-sessions.js';
import { absolute, placesIn } from './pass.js';

/**
 * Lists the sessions under all known roots, oldest first. What this process did itself (opened, adopted,
 * ended) is in it; of others it may be a second old.
 * @throws QwRunError when `root` is given and unsafe, and `ERR_QW_HELPER` when the helper process dies or hangs
 */
export async function listSessions(options: ListOptions = {}): Promise<SessionList> {
  const request = resolveList(options);
  const limitMs = deadlineMs(options.deadline);
  const helpers = ownHelpers();
  if (!helpers) return frozen(await listNow(request));
  const input = { ...request, root: absolute(request.root), env: placesIn(request.env) };
  const key = JSON.stringify([sessionChanges(), process.geteuid?.(), input]);
  forgetOld();
  let kept = lists.get(key);
  if (!kept) {
    kept = {
      list: helpers.ask<SessionList>('list', input, { deadlineMs: limitMs }).then(frozen),
      at: Number.POSITIVE_INFINITY,
    };
    lists.set(key, kept);
    keepFrom(key, kept);
  }
  return copyOf(await kept.list);
}

interface Kept {
  list: Promise<SessionList>;
  /** When it came. */
  at: number;
}

const lists = new Map<string, Kept>();

/** One that failed is asked for again. */
function keepFrom(key: string, kept: Kept): void {
  kept.list.then(
    () => {
      kept.at = monotonicMs();
      setTimeout(forgetOld, KEPT_MS + 1).unref();
    },
    () => lists.delete(key),
  );
}

function forgetOld(): void {
  for (const [key, { at }] of lists) if (monotonicMs() - at >= KEPT_MS) lists.delete(key);
}

/** What is in it is shared: whoever would change that hears of it, and not another. */
async function frozen(list: SessionList): Promise<SessionList> {
  const turn = turns();
  for (const one of [...list.sessions, ...list.headroom, ...list.unseen]) {
    freeze(one);
    if (turn.isOver()) await turn.pass();
  }
  return list;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

/** Who sorts or filters its list does not do that to others. */
const copyOf = ({ roots, sessions, headroom, unseen, ...rest }: SessionList): SessionList => ({
  ...rest,
  roots: [...roots],
  sessions: [...sessions],
  headroom: [...headroom],
  unseen: [...unseen],
});

const KEPT_MS = 1_000;
