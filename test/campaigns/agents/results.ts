// What was measured, kept in a file: a measurement that was stopped goes on where it was. One line a run.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Measured } from './stage/row.js';

export interface Result {
  measured: Measured;
  /** The day it was measured. */
  date: string;
}

export interface Results {
  /** Of an earlier measurement. */
  of(run: string): Result | undefined;
  add(run: string, result: Result): void;
}

/** Without a file nothing is kept. A line that was cut short counts for nothing, nor does a run without a result. */
export function resultsIn(file: string | undefined): Results {
  if (file === undefined) return { of: () => undefined, add: () => {} };
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const all = new Map(text.split('\n').flatMap(resultIn));
  return {
    of: (run) => all.get(run),
    add: (run, result) => {
      if (result.measured.exit !== 'no result') appendFileSync(file, `\n${JSON.stringify([run, result])}`);
    },
  };
}

function resultIn(line: string): [string, Result][] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
