// The units below a directory that a profile's patterns name. Links are never followed: a unit is reached through real
// directories of ours only.
import { join } from 'node:path';
import { componentMatcher, components } from '../backends/patterns.js';
import { attempt, fs } from '../fs.js';
import { ownUid } from '../root/guard.js';

/** Paths that `patterns` match below `dir`, deeper ones after those above them, each once. */
export function findUnits(dir: string, patterns: readonly string[]): string[] {
  if (!isRealDirectory(dir)) return []; // a link in the place of TMPDIR leads elsewhere
  const found = patterns.flatMap((pattern) => matchPattern(dir, components(pattern)));
  return [...new Set(found)].sort();
}

function matchPattern(dir: string, [component, ...rest]: string[]): string[] {
  if (component === undefined) return [];
  const isMatch = componentMatcher(component, ownUid());
  const paths = list(dir)
    .filter(isMatch)
    .map((name) => join(dir, name))
    .filter(isOurs);
  return rest.length === 0
    ? paths
    : paths.filter(isRealDirectory).flatMap((path) => matchPattern(path, rest));
}

const list = (dir: string): string[] => attempt(() => fs.readdirSync(dir)) ?? [];

/** Somebody else's entry of that name is not ours to judge. */
const isOurs = (path: string): boolean => attempt(() => fs.lstatSync(path))?.uid === ownUid();

const isRealDirectory = (path: string): boolean => attempt(() => fs.lstatSync(path))?.isDirectory() ?? false;
