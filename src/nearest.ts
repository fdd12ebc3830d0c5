// What a mistyped word may have meant. Pure.

/** Those of `words` that are nearest to `typed`, the best first, at most three; none that is far from it. */
export function nearest(typed: string, words: readonly string[]): string[] {
  const most = Math.max(1, Math.floor(typed.length / 3));
  return [...new Set(words)]
    .map((word) => ({ word, away: isBeginning(typed, word) ? 0 : distance(typed, word) }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away)
    .filter(({ away }, _at, [best]) => away === best?.away)
    .slice(0, MOST)
    .map(({ word }) => word);
}

/** Goes behind a message: `; did you mean a or b?`, or nothing. */
export function didYouMean(typed: string, words: readonly string[]): string {
  const found = nearest(typed, words);
  return found.length > 0 ? `; did you mean ${oneOf(found)}?` : '';
}

/** `a, b or c`. */
export const oneOf = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' or ');

const isBeginning = (typed: string, word: string): boolean =>
  typed.length >= SHORTEST_BEGINNING && word.startsWith(typed);

/** Letters to add, take, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > LONGEST || a.length > LONGEST) return Infinity;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  const cell = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      rows[i]?.push(
        Math.min(
          cell(i - 1, j) + 1,
          cell(i, j - 1) + 1,
          cell(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwapped ? cell(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return cell(a.length, b.length);
}

const MOST = 3;
const SHORTEST_BEGINNING = 3;
/** Nobody mistypes a word of that length; who pastes a page does not wait for it. */
const LONGEST = 64;
