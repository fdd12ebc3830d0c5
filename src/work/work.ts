// The types of work.

/** Something in a session's TMPDIR whose loss would be felt outside it. */
export interface Work {
  /** Below the TMPDIR as it was asked for. For people: bytes that are no UTF-8 are replaced. */
  path: string;
  /** The same as bytes. */
  bytes: Buffer;
  kind: WorkKind;
  /** Where git keeps its record of it: outside for a worktree, at or below `path` for a repository. */
  gitdir: string;
  /** Undefined while no branch is checked out. */
  branch?: string;
  /**
   * What would miss it: the main repository's directory; of a repository a worktree outside; of a lender who
   * borrows.
   */
  repository?: string;
  /** It was moved without git, which believes it elsewhere; `git worktree repair` finds it again. */
  isMoved?: boolean;
  /** `git worktree lock`: git neither prunes nor moves it unless told twice. */
  isLocked?: boolean;
  /** A worktree with submodules: git does not move it. */
  hasSubmodules?: boolean;
}

/**
 * `worktree`: of `git worktree add`. `separate-git-dir`: a working tree whose repository lies elsewhere, a
 * submodule's too.
 * `repository`: one that has a worktree outside. `lender`: one whose objects other work borrows.
 */
export type WorkKind = 'worktree' | 'separate-git-dir' | 'repository' | 'lender';

/** Without its place in the TMPDIR. */
export type Judged = Omit<Work, 'path' | 'bytes'>;

/** A git repository wholly in the TMPDIR, with its working tree if it has one: it goes with that. */
export interface TempRepository {
  path: string;
  /** Null where a commit is checked out. */
  branch: string | null;
}

/** The rest is temp. */
export interface FoundWork {
  work: Work[];
  /** What of the rest somebody may ask for later: some of many. */
  repositories: TempRepository[];
  /** The first place that could not be looked at: out of time, unreadable, changed meanwhile. */
  unseen: string | undefined;
}
