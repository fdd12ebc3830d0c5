// Repositories of any kind, by the names in them: what is in one may be nowhere else, so it stays whole.
// Nothing of a repository is read.

/** An entry of this name makes its directory somebody's work. */
export const isOfRepository = (name: string): boolean => NAMES.has(name);

/** Together in one directory they make it a bare repository of git, or its `--separate-git-dir`. */
const BARE: readonly string[] = ['HEAD', 'objects', 'refs'];

/** Takes the names of one directory, one after another; says when all of `BARE` were among them. */
export function bareRepository(): (name: string) => boolean {
  const missing = new Set(BARE);
  return (name) => missing.delete(name) && missing.size === 0;
}

/** The directory that holds these names is one. */
export function isRepository(names: readonly string[]): boolean {
  const isBare = bareRepository();
  return names.some((name) => isOfRepository(name) || isBare(name));
}

const NAMES = new Set(['.git', '.hg', '.jj', '.svn', '.sl', '.bzr', '.pijul', '.fslckout']);

/** All names that count. */
export const TELLING: readonly string[] = [...NAMES, ...BARE];
