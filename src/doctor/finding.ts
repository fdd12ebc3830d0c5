// One thing that doctor found: how much it matters, one sentence about it, and the one command that fixes it.
import { shellQuote } from '../quote.js';

/** `problem`: sessions fail, or fail silently. `warning`: something should be done. `note`: good to know. */
export type Weight = 'problem' | 'warning' | 'note';

export interface Finding {
  weight: Weight;
  /** What kind of thing it is, for programs. */
  code: FindingCode;
  /** Path, agent, variable or session it is about. */
  about: string;
  text: string;
  command: string;
}

export type FindingCode =
  | 'agent-daemon'
  | 'agent-gone'
  | 'agent-setting'
  | 'bad-setting'
  | 'exec-failed'
  | 'from-future'
  | 'full'
  | 'held'
  | 'hidepid'
  | 'in-memory'
  | 'inherited'
  | 'kept'
  | 'legacy'
  | 'log'
  | 'long-tmpdir'
  | 'low'
  | 'mute-mount'
  | 'no-flock'
  | 'no-isolation'
  | 'no-procfs'
  | 'no-root'
  | 'no-watchdog'
  | 'noatime'
  | 'noexec'
  | 'orphan'
  | 'root-refused'
  | 'roots-forgotten'
  | 'start-file'
  | 'time-up'
  | 'trash'
  | 'unknown-session'
  | 'user-quota'
  | 'worktree';

const weighing =
  (weight: Weight) =>
  (code: FindingCode, about: string, words: Pick<Finding, 'text' | 'command'>): Finding => ({
    ...{ weight, code, about },
    ...words,
  });

export const problem = weighing('problem');
export const warning = weighing('warning');
export const note = weighing('note');

/** The command that edits a file. */
export const edit = (path: string): string => `"\${EDITOR:-vi}" ${shellQuote(path)}`;
