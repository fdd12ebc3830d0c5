// find(1), for what it does many times as fast as we do: going through large trees, in a process of its own.

import { launch } from './exec.js';
import { tool } from './find-tool.js';
import { batches } from './shares.js';

export interface Search {
  /** Where it begins, as often as command lines have to be filled. Absolute paths. */
  starts: readonly string[];
  /** What it does there. */
  expression: readonly string[];
  /** What each record that it prints ends with, but perhaps the last. */
  end: string;
}

/**
 * Calls `tell` with each record that `find` prints. Resolves when it is through, or cannot be started: true
 * when it saw all there was to be seen.
 */
export async function askFind(
  { starts, expression, end }: Search,
  tell: (record: string) => void,
): Promise<boolean> {
  let isWhole = true;
  for (const batch of batches(starts))
    isWhole = (await runFind(['-P', ...batch, ...expression], end, tell)) && isWhole;
  return isWhole;
}

function runFind(args: readonly string[], end: string, tell: (record: string) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const fail = () => resolve(false);
    const child = launch(tool('find'), args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] }, fail);
    let rest = '';
    child?.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const records = chunk.split(end);
      records[0] = rest + records[0];
      rest = records.pop() ?? '';
      records.forEach(tell);
    });
    child?.on('close', (code) => {
      if (code !== null && rest !== '') tell(rest); // not where it was killed in the middle
      resolve(code === 0);
    });
  });
}
