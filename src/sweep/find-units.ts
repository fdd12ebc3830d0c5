// The units below a directory that a profile's patterns name. Links are never followed: a unit is reached through real
// directories of ours only.
import { join } from 'node:path';
import { componentMatcher, components, onlyName } from '../backends/patterns.js';
import { attempt, fs } from '../fs.js';
import { ASIDE } from '../remove/trash.js';
import { ownUid } from '../root/guard.js';

/** Paths that `patterns` match below `dir`, deeper ones after those above them, each once. */
export function findUnits(dir: string, patterns: readonly string[]): string[] {
  if (!isRealDirectory(dir)) return []; // a link in the place of TMPDIR leads elsewhere
  return [...new Set(match(dir, patterns.map(components)))].sort();
}

/** The other entries of ours in `dir`: what the patterns name no part of. For when room is short. */
export function otherEntries(dir: string, patterns: readonly string[]): string[] {
  if (!isRealDirectory(dir)) return [];
  const named = patterns.map((pattern) => componentMatcher(components(pattern)[0] ?? '', ownUid()));
  return list(dir)
    .filter(
      (name) => !named.some((isMatch) => isMatch(name)) && !PLACEHOLDERS.has(name) && !name.startsWith(ASIDE),
    )
    .map((name) => join(dir, name))
    .filter(isOurs);
}

/** What begins alike is looked at once. */
function match(dir: string, patterns: readonly string[][]): string[] {
  const firsts = new Set(patterns.map(([first = '']) => first));
  return [...firsts].flatMap((first) => {
    const rests = patterns.filter((pattern) => pattern[0] === first).map((pattern) => pattern.slice(1));
    const deeper = rests.filter((rest) => rest.length > 0);
    return namesOf(dir, first).flatMap((name) => {
      const path = join(dir, name);
      const stat = look(path);
      if (stat?.uid !== ownUid()) return [];
      const below = deeper.length > 0 && stat.isDirectory() ? match(path, deeper) : [];
      return deeper.length < rests.length ? [path, ...below] : below;
    });
  });
}

/** Names that may be there. */
function namesOf(dir: string, component: string): string[] {
  const name = onlyName(component, ownUid());
  return name === undefined ? list(dir).filter(componentMatcher(component, ownUid())) : [name];
}

/** Sandboxes of agents put these there, empty, while a command runs. */
const PLACEHOLDERS = new Set(['.git', '.agents', '.codex', '.aws']);

const list = (dir: string): string[] => attempt(() => fs.readdirSync(dir)) ?? [];

const look = (path: string): ReturnType<typeof fs.lstatSync> =>
  attempt(() => fs.lstatSync(path, { throwIfNoEntry: false }));

/** Somebody else's entry of that name is not ours to judge. */
const isOurs = (path: string): boolean => look(path)?.uid === ownUid();

const isRealDirectory = (path: string): boolean => look(path)?.isDirectory() ?? false;
