// A list for a program that uses the library: its helper process makes it; it is cached for a second and
// shared by all who ask meanwhile. A page that asks every second costs its server next to nothing.
import { monotonicMs, newYielder } from '../clock.js';
import { deadlineMs, ownHelpers } from '../helper/for-server.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { sessionChanges } from '../session/session-ends.js';
import { noteSize } from '../session/sizes-seen.js';
import { type ListOptions, listNow, resolveList, type SessionList } from './list-sessions.js';
import { PLACES, placesOf } from './places.js';

const LIST_SESSIONS: OptionNames<ListOptions> = { maxAge: true, ...PLACES };

/**
 * Lists the sessions under all known roots, oldest first. What this process did itself (opened, adopted,
 * ended, removed, reaped) is in it; of others it may be a second old.
 * @throws QwRunError `ERR_QW_USAGE` for an invalid option, the guard's errors for a `root` that is unsafe,
 *   `ERR_QW_HELPER` when the helper process dies or hangs
 */
export async function listSessions(options: ListOptions = {}): Promise<SessionList> {
  checkOptions('listSessions()', options, LIST_SESSIONS);
  const request = resolveList(options);
  const how = { deadlineMs: deadlineMs(options.deadline) };
  const helpers = ownHelpers();
  if (!helpers) return frozen(await listNow(request));
  const input = { ...request, ...placesOf(options) };
  const key = JSON.stringify([sessionChanges(), process.geteuid?.(), input]);
  forgetOld();
  const kept = lists.get(key) ?? keep(key, helpers.ask<SessionList>('list', input, how).then(frozen));
  return copyOf(await kept.list);
}

interface Kept {
  list: Promise<SessionList>;
  /** When it came. */
  at: number;
}

const lists = new Map<string, Kept>();

/** One that fails is not kept. */
function keep(key: string, list: Promise<SessionList>): Kept {
  const kept = { list, at: Number.POSITIVE_INFINITY };
  lists.set(key, kept);
  list.then(
    () => {
      kept.at = monotonicMs();
      setTimeout(forgetOld, KEPT_MS + 1).unref();
    },
    () => lists.delete(key),
  );
  return kept;
}

function forgetOld(): void {
  for (const [key, { at }] of lists) if (monotonicMs() - at >= KEPT_MS) lists.delete(key);
}

/** It is shared: a caller that tries to change it gets an error. */
async function frozen(list: SessionList): Promise<SessionList> {
  const yielder = newYielder();
  list.sessions.forEach(noteSize);
  for (const one of [...list.sessions, ...list.headroom, ...list.unseen]) {
    freeze(one);
    if (yielder.isDue()) await yielder.yield();
  }
  return list;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

/** A caller may sort its own copy. */
const copyOf = (list: SessionList): SessionList => ({
  ...list,
  roots: [...list.roots],
  sessions: [...list.sessions],
  headroom: [...list.headroom],
  unseen: [...list.unseen],
});

const KEPT_MS = 1_000;
