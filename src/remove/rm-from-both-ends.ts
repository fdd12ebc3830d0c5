// Removing is the kernel's work, and one rm keeps one processor busy. Where it takes long a second one begins at the other end of the same
// trees; what it finds gone it passes over, as the first one does. The first one is told of all there is, so nothing is left when the
// second fails or is never started, and it steps back where a server or an agent wants the processor.
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from '../fs.js';
import { sideBySide } from '../process/shares.js';
import { atTheFarEnd } from './far-end.js';
import { runTool, type ToolResult } from './run.js';

/** Runs `rm` with `options` for `trees`; gives what it said, not what the second one did. */
export async function rmFromBothEnds(
  options: readonly string[],
  trees: readonly string[],
): Promise<ToolResult> {
  const first = runTool('rm', [...options, ...trees]);
  if (process.platform !== 'linux' || sideBySide() < 2) return first;
  const isOver = new AbortController();
  // What the system refuses the second one, the first does by itself.
  const helped = help(options, trees, isOver.signal).catch((error: unknown) => {
    if (codeOf(error) === undefined) throw error;
  });
  await Promise.all([first.then(() => isOver.abort()), helped]);
  return first;
}

/** Again and again, as long as the first one runs and there is something to be taken off it. */
async function help(
  options: readonly string[],
  trees: readonly string[],
  isOver: AbortSignal,
): Promise<void> {
  for (let code: number | undefined = 0; code === 0; ) {
    await pause(trees.length < MANY ? PATIENCE_MS : 0, undefined, { signal: isOver }).catch(() => {});
    if (isOver.aborted) return;
    const second = atTheFarEnd(trees, (names, inherited) =>
      // Nice, it could need long to find that all is gone.
      runTool('rm', [...options, ...names], { inherited, isNice: true, signal: isOver }),
    );
    code = (await second)?.code;
  }
}

/** A tree is mostly gone by then. */
const PATIENCE_MS = 20;
const MANY = 100;
