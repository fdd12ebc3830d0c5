// Work that stays, as reports show it.
import { isWithin } from '../root/layout.js';
import { isInMemory, type Mount, mountOf } from '../root/mounts.js';
import { pruneCommand, saveCommand } from './commands.js';
import type { Work, WorkKind } from './work.js';

export interface KeptWork {
  path: string;
  kind: WorkKind;
  branch: string | null;
  /** The main repository; of a repository a worktree outside; of a lender the repository that borrows. */
  repository: string | null;
  /** A command that moves it to a lasting place; null where git offers none. */
  save: string | null;
  /** A command that makes the repository forget it once it is removed; null where nothing has to. */
  forget: string | null;
}

export const asKeptWork = (work: Work): KeptWork => ({
  path: work.path,
  kind: work.kind,
  branch: work.branch ?? null,
  repository: work.repository ?? null,
  save: saveCommand(work) ?? null,
  forget: pruneCommand(work) ?? null,
});

/** When the system itself empties the directory `path` lies in; undefined when it does not. Pure. */
export function emptiedBySystem(path: string, mounts: readonly Mount[]): string | undefined {
  if (isInMemory(mountOf(path, mounts))) return 'it lies in memory, and is gone at the next boot';
  const dir = ['/tmp', '/var/tmp'].find((one) => isWithin(one, path));
  return dir && `the system clears ${dir} of what nobody used for days`;
}
