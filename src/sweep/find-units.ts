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
  const found = patterns.flatMap((pattern) => matchPattern(dir, components(pattern)));
  return [...new Set(found)].sort();
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

function matchPattern(dir: string, [component, ...rest]: string[]): string[] {
  if (component === undefined) return [];
  const name = onlyName(component, ownUid());
  const names = name === undefined ? list(dir).filter(componentMatcher(component, ownUid())) : [name];
  return names.flatMap((name) => {
    const path = join(dir, name);
    const stat = look(path);
    if (stat?.uid !== ownUid()) return [];
    return rest.length === 0 ? [path] : stat.isDirectory() ? matchPattern(path, rest) : [];
  });
}

/** Sandboxes of agents put these there, empty, while a command runs. */
const PLACEHOLDERS = new Set(['.git', '.agents', '.codex', '.aws']);

const list = (dir: string): string[] => attempt(() => fs.readdirSync(dir)) ?? [];

const look = (path: string): ReturnType<typeof fs.lstatSync> =>
  attempt(() => fs.lstatSync(path, { throwIfNoEntry: false }));

/** Somebody else's entry of that name is not ours to judge. */
const isOurs = (path: string): boolean => look(path)?.uid === ownUid();

const isRealDirectory = (path: string): boolean => look(path)?.isDirectory() ?? false;
