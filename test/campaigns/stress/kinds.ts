// The company of the storm's agents, by kind: what `test/fixtures/storm-role.py` can be, and what has to come of it. The
// first word of a kind says that: private ones are ended with their session, all others never.
import type { Counter } from './tally.js';

/** What an agent starts; some of them start others. */
export const STARTED = [
  'manager-tmux',
  'manager-pm2',
  'helper-watchman',
  'helper-adb',
  'private-watchman',
  'private-tmux',
  'private-host',
  'private-daemon',
  'private-moved',
  'private-parent',
  'private-child',
] as const;

export const KINDS = [
  ...STARTED,
  'managed-inherited',
  'managed-whole',
  'guest-beside',
  'guest-elsewhere',
  'private-pane',
  'private-below',
  'stranger-inside',
  'stranger-tmux',
  'stranger-watchman',
] as const;

export type Kind = (typeof KINDS)[number];

const COUNTERS: Record<string, Counter> = {
  manager: 'managersEnded',
  managed: 'managersEnded',
  helper: 'helpersEnded',
  guest: 'guestsEnded',
  stranger: 'strangersEnded',
  private: 'privateLeft',
};

/** What is counted where one of this kind fares wrongly. */
export const counterOf = (kind: Kind): Counter => COUNTERS[kind.slice(0, kind.indexOf('-'))] as Counter;

export const isPrivate = (kind: Kind): boolean => kind.startsWith('private-');

/** Kinds in an order of their own, each as often as any other. */
export function* deal(random: () => number): Generator<(typeof STARTED)[number], never> {
  for (;;) {
    const deck = [...STARTED];
    while (deck.length > 0) yield* deck.splice(Math.floor(random() * deck.length), 1);
  }
}
