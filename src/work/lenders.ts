// A repository may borrow objects of another one (`git clone --shared`, `--reference`): without that it is
// broken. So what work borrows from a repository in the TMPDIR is work, too, and what that borrows in turn.
import { basename, dirname } from 'node:path';
import { isWithin } from '../root/layout.js';
import { asText, type RawPath } from '../tree/raw-path.js';
import { destinationOf, isInside } from './destination.js';
import { from, textIn } from './git-link.js';
import type { Surroundings } from './judge-link.js';
import { readSmall } from './read-small.js';
import type { Judged } from './work.js';

interface Lender {
  /** Below the TMPDIR. */
  path: RawPath;
  judged: Judged;
}

/**
 * Those that the repositories `borrowers` need, and the first place that could not be looked at. A repository
 * is named by the directory that holds its `objects`.
 */
export function lendersOf(
  borrowers: readonly RawPath[],
  around: Surroundings,
): { lenders: Lender[]; unseen?: RawPath } {
  const { path: top } = around.top;
  const lenders = new Map<RawPath, Lender>();
  const asked = [...borrowers];
  const found = (unseen?: RawPath) => ({
    lenders: [...lenders.values()],
    ...(unseen === undefined ? {} : { unseen: isWithin(top, unseen) ? unseen.slice(top.length + 1) : '' }),
  });
  for (let repository = asked.shift(); repository !== undefined; repository = asked.shift()) {
    const places = alternatesOf(repository, around);
    if (places === 'unreadable' || lenders.size > MOST) return found(repository);
    for (const objects of places) {
      if (lenders.has(objects)) continue;
      if (!isWithin(top, objects)) return found(objects); // the TMPDIR has several names
      const gitdir = basename(objects) === 'objects' ? dirname(objects) : objects;
      const path = (basename(gitdir) === '.git' ? dirname(gitdir) : gitdir).slice(top.length + 1);
      const judged: Judged = { kind: 'lender', gitdir: asText(gitdir), repository: asText(repository) };
      lenders.set(objects, { path, judged });
      asked.push(gitdir);
    }
  }
  return found();
}

/** The directories of objects in the TMPDIR that a repository borrows from (gitrepository-layout(5)). */
function alternatesOf(repository: RawPath, { top, mayHang }: Surroundings): RawPath[] | 'unreadable' {
  const objects = `${repository}/objects`;
  const list = destinationOf(`${objects}/info/alternates`, mayHang);
  if (list.state === 'gone') return [];
  const read = list.state === 'unknown' ? 'unreadable' : readSmall(list.path, MAX_BYTES);
  if (read === 'gone' || read === 'odd') return [];
  const lines = textIn(read)?.split('\n');
  // One that is quoted holds a line end, or the like.
  if (!lines || lines.some((line) => line.startsWith('"'))) return 'unreadable';
  const places = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => destinationOf(from(objects, line), mayHang));
  if (places.some(({ state, ...at }) => state === 'unknown' && 'path' in at && isWithin(top.path, at.path)))
    return 'unreadable'; // closed to us
  return places.flatMap((place) =>
    place.state === 'there' && isInside(place.path, top) ? [place.path] : [],
  );
}

const MAX_BYTES = 64 * 1024;
const MOST = 100;
