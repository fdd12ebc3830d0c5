// Which sessions a list shows, and in which order. Pure.
import { misuse } from '../errors.js';
import type { SessionState } from '../judge/judge.js';
import { didYouMean } from '../nearest.js';
import { quote } from '../options.js';
import type { SessionInfo, SessionList } from '../reap/list-sessions.js';

export const STATES: readonly SessionState[] = ['live', 'held', 'kept', 'orphan', 'foreign', 'unknown'];

/** What is most worth seeing comes first. */
export const SORTS = {
  age: () => 0, // as the library gives them: oldest first
  size: (a: SessionInfo, b: SessionInfo) => b.bytes - a.bytes,
  growth: (a: SessionInfo, b: SessionInfo) => (b.growthPerMinute ?? -1) - (a.growthPerMinute ?? -1),
  label: (a: SessionInfo, b: SessionInfo) => compare(a.label ?? '\uffff', b.label ?? '\uffff'),
  state: (a: SessionInfo, b: SessionInfo) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
} as const;
export type Sort = keyof typeof SORTS;

/**
 * `--state held,kept`; undefined for all.
 * @throws QwRunError `ERR_QW_USAGE` naming the word that is no state
 */
export function parseStates(text: string | undefined): SessionState[] | undefined {
  return text?.split(',').map((word) => {
    const state = STATES.find((one) => one === word.trim());
    if (state !== undefined) return state;
    const hint = didYouMean(word, STATES) || `; states are ${STATES.join(', ')}`;
    throw misuse(`--state ${quote(word)} is no state${hint}`);
  });
}

export function arrange(
  list: SessionList,
  { states, sort }: { states: readonly SessionState[] | undefined; sort: Sort },
): SessionList {
  const sessions = list.sessions.filter(({ state }) => states?.includes(state) ?? true);
  return { ...list, sessions: sessions.sort(SORTS[sort]) };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
