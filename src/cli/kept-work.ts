// Work in a session, in words: what it is, how to save it, how to remove it.
import { readMounts } from '../root/mounts.js';
import { emptiedBySystem, type KeptWork } from '../work/kept-work.js';

/** One line for each piece of work that session `id` keeps. */
export const describeKept = (id: string, work: readonly KeptWork[]): string[] =>
  work.map((one) => {
    const limit = emptiedBySystem(one.path, readMounts());
    const save = one.save === null ? 'commit and push it' : `save it with: ${one.save}`;
    return (
      `kept ${one.path}, ${nameOf(one)}; ${save}${limit ? ` (${limit})` : ''}; or remove it with: ` +
      `qw-tmp rm ${id}`
    );
  });

/** One line for each piece that was removed. */
export const describeGone = (work: readonly KeptWork[]): string[] =>
  work.map((one) => {
    const forget = one.forget === null ? '' : `; now run: ${one.forget}`;
    return `removed ${one.path}, ${nameOf(one)}${forget}`;
  });

function nameOf({ kind, branch, repository }: KeptWork): string {
  if (kind === 'repository') return `a git repository whose worktree is ${repository ?? 'elsewhere'}`;
  if (kind === 'lender') return `a git repository whose objects ${repository ?? 'another'} borrows`;
  if (kind === 'separate-git-dir') return 'a git working tree whose repository is elsewhere';
  const where = branch === null ? '' : ` on branch ${branch}`;
  return `a git worktree of ${repository ?? 'a repository elsewhere'}${where}`;
}
