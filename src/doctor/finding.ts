// One thing that doctor found: how much it matters, in one sentence, and the one command that mends it.

export type Weight = 'problem' | 'warning' | 'note';

export interface Finding {
  /**
   * `problem`: sessions fail, or fail silently. `warning`: something should be done. `note`: good to know.
   */
  weight: Weight;
  /** What kind of thing it is, for programs. */
  code: FindingCode;
  /** Path, agent, variable or session it is about. */
  about: string;
  text: string;
  command: string;
}

export type FindingCode =
  | 'agent-gone'
  | 'agent-setting'
  | 'bad-setting'
  | 'boot-id'
  | 'from-future'
  | 'full'
  | 'held'
  | 'hidepid'
  | 'in-memory'
  | 'inherited'
  | 'kept'
  | 'legacy'
  | 'long-tmpdir'
  | 'low'
  | 'mute-mount'
  | 'no-flock'
  | 'no-isolation'
  | 'no-procfs'
  | 'no-ps'
  | 'no-rm'
  | 'no-root'
  | 'no-watchdog'
  | 'noatime'
  | 'noexec'
  | 'orphan'
  | 'reaper-off'
  | 'root-refused'
  | 'rm-crosses'
  | 'roots-forgotten'
  | 'time-up'
  | 'tmpfiles'
  | 'trash'
  | 'unknown-session'
  | 'unmarked-root'
  | 'user-quota'
  | 'worktree';
