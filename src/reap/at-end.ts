// What would happen to a session if it ended now. Pure; src/end does it.
import type { Remaining } from '../end/remaining.js';
import type { KeptWork } from '../work/kept-work.js';
import type { SessionState } from './judge.js';

export interface EndQuestion {
  id: string;
  state: SessionState;
  /** It was asked for with `--keep`. */
  keep: boolean;
  survivors?: 'keep' | undefined;
  holders: readonly Pick<Remaining, 'pid' | 'name' | 'why'>[];
  work: readonly Pick<KeptWork, 'path'>[];
}

/** Sentences, one line each. */
export function atEnd(question: EndQuestion): string[] {
  const { id, state, keep } = question;
  if (state === 'foreign') return ['qw-tmp cannot tell from here whether it has ended'];
  if (state === 'unknown')
    return ['it stays until nothing in it was used for the maximum age, then a reaper removes it'];
  if (state === 'orphan') return ['the next reaper removes it'];
  if (state === 'kept') return [`it stays; qw-tmp rm ${id} removes it`];
  const { members, stayed, why } = whoIsLeft(question);
  const ended =
    members.length > 0
      ? [`SIGTERM for its ${count(members.length, 'process', 'processes')}, SIGKILL after the grace period`]
      : [];
  if (keep) return [...ended, `TMPDIR stays, as it was asked to; qw-tmp rm ${id} removes it`];
  if (stayed.length > 0) return [...ended, `TMPDIR stays while it is in use by ${why}`];
  return [...ended, ...whatGoes(question)];
}

function whoIsLeft({ state, survivors, holders }: EndQuestion) {
  const isKept = (why: Remaining['why']) => why !== 'member' || survivors === 'keep' || state === 'held';
  const stayed = holders.filter(({ why }) => isKept(why));
  const shown = stayed.slice(0, MOST_SHOWN).map(({ name, pid }) => (pid > 0 ? `${name} (${pid})` : name));
  const more = stayed.length > MOST_SHOWN ? [`${stayed.length - MOST_SHOWN} more`] : [];
  return { members: holders.filter(({ why }) => !isKept(why)), stayed, why: [...shown, ...more].join(', ') };
}

function whatGoes({ id, work }: EndQuestion): string[] {
  if (work.length === 0) return ['TMPDIR is removed'];
  const kept = work.map(({ path }) => `${path} stays: it is work, not temp`);
  return [...kept, `the rest of TMPDIR is removed; qw-tmp rm ${id} removes all of it`];
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

const MOST_SHOWN = 8;
