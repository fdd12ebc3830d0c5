// The units below a directory: what a profile's patterns name and what has their shape. A unit is reached
// only through real directories of ours, never through a link. FUSE and network mounts are not asked: their
// server may be dead.
import { dirname, join } from 'node:path';
import {
  componentMatcher,
  components,
  isByCommand,
  onlyName,
  type Shape,
  type UnitPattern,
} from '../backends/patterns.js';
import { attempt, statOf } from '../fs.js';
import { namesIn } from '../names.js';
import { mountsUnder, readMounts, servedBelow } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';
import { UNIT_CLAIM } from '../take/claim.js';
import { isWorkingTree, PLACEHOLDERS } from './repositories.js';
import { hasShape } from './shape.js';

/** Paths that `patterns` match below `dir`, deeper ones after those above them, each once. */
export const findUnits = (dir: string, patterns: readonly UnitPattern[]): string[] =>
  [...findShapes(dir, patterns).keys()].sort();

/** The same, each with its shape: the second look checks that again. */
export function findShapes(dir: string, patterns: readonly UnitPattern[]): Map<string, Shape> {
  if (!isRealDirectory(dir)) return new Map(); // a link in the place of TMPDIR leads elsewhere
  return new Map(match(dir, patterns.map(asWanted), servedBelow(dir, readMounts())));
}

/** Mounts on the way to units of `patterns`: behind them no unit is looked for. */
export function unseenUnits(dir: string, patterns: readonly UnitPattern[]): string[] {
  const mounts = readMounts();
  const firsts = patterns.map(({ path }) => componentMatcher(components(path)[0] ?? '', ownUid()));
  return mountsUnder(dir, mounts).filter((point) => {
    const [first = ''] = point.slice(dir.length + 1).split('/');
    return servedBelow(dir, mounts)(point) && firsts.some((isMatch) => isMatch(first));
  });
}

/** The directories that units of `patterns` and other entries of `dir` lie in, also where none is left. */
export const claimPlaces = (dir: string, patterns: readonly UnitPattern[]): string[] => {
  const parents = patterns.map(({ path }) => dirname(path)).filter((path) => path !== '.');
  return [
    dir,
    ...findUnits(
      dir,
      parents.map((path) => ({ path, shape: { kind: 'directory' } })),
    ),
  ];
};

/**
 * The other entries of ours in `dir`, which are no units and have none in them: taken only under pressure.
 * None where `dir` itself is a repository: then they are its working tree.
 */
export function otherEntries(dir: string, patterns: readonly UnitPattern[]): string[] {
  if (!isRealDirectory(dir)) return [];
  const isServed = servedBelow(dir, readMounts());
  const isSeen = (name: string) => !isServed(join(dir, name));
  if (isWorkingTree(dir, isServed)) return [];
  const named = patterns.map(asWanted).map(({ names: [first = '', ...rest], shape }) => {
    const isMatch = componentMatcher(first, ownUid());
    return (name: string) => isMatch(name) && (rest.length > 0 || hasShape(join(dir, name), shape));
  });
  const isOther = (name: string) =>
    isSeen(name) &&
    !named.some((isNamed) => isNamed(name)) &&
    !PLACEHOLDERS.has(name) &&
    !name.startsWith(UNIT_CLAIM);
  return list(dir, isOther)
    .map((name) => join(dir, name))
    .filter(isOwn);
}

interface Wanted {
  /** By component. */
  names: readonly string[];
  shape: Shape;
}

const asWanted = ({ path, shape }: UnitPattern): Wanted => ({ names: components(path), shape });

/**
 * Reads the directory once for all patterns: it may hold millions of names. What commands left in a
 * repository is no unit.
 */
function match(
  dir: string,
  all: readonly Wanted[],
  isServed: (path: string) => boolean,
): [path: string, shape: Shape][] {
  const firsts = new Set(all.map(({ names: [first = ''] }) => first));
  const isWanted = [...firsts].filter(isPattern).map((first) => componentMatcher(first, ownUid()));
  const listed = isWanted.length === 0 ? [] : list(dir, (name) => isWanted.some((isIt) => isIt(name)));
  const hasTheirs = all.some(({ names, shape }) => names.length === 1 && isByCommand(shape));
  const isTree = hasTheirs && isWorkingTree(dir, isServed);
  return [...firsts].flatMap((first) => {
    const rests = all.flatMap(({ names, shape }) =>
      names[0] === first ? [{ names: names.slice(1), shape }] : [],
    );
    const deeper = rests.filter(({ names }) => names.length > 0);
    const here = rests.filter(({ names }) => names.length === 0);
    return namesOf(first, listed).flatMap((name) => {
      const path = join(dir, name);
      const stat = isServed(path) ? undefined : statOf(path);
      if (stat?.uid !== ownUid()) return [];
      const below = deeper.length > 0 && stat.isDirectory() ? match(path, deeper, isServed) : [];
      const unit = here.find(({ shape }) => hasShape(path, shape));
      return unit && !(isTree && isByCommand(unit.shape)) ? [[path, unit.shape], ...below] : below;
    });
  });
}

const isPattern = (component: string): boolean => onlyName(component, ownUid()) === undefined;

/** Names that may be there. */
const namesOf = (component: string, listed: readonly string[]): readonly string[] =>
  isPattern(component)
    ? listed.filter(componentMatcher(component, ownUid()))
    : [onlyName(component, ownUid()) ?? component];

const list = (dir: string, isMeant: (name: string) => boolean): string[] =>
  attempt(() => namesIn(dir, isMeant)) ?? [];

/** Somebody else's entry of that name is not ours to judge. */
const isOwn = (path: string): boolean => statOf(path)?.uid === ownUid();

const isRealDirectory = (path: string): boolean => statOf(path)?.isDirectory() ?? false;
