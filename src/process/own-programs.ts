// Our own bundled programs, for what has to be done without this process, or after it: where they are, and
// their start.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fs } from '../fs.js';
import { runDetached } from './exec.js';
import { OWN_NODE } from './find-tool.js';
import { runTool, type ToolResult } from './run-tool.js';

/**
 * Their directory: beside us when we are one of them, below us for the library. Undefined when somebody
 * bundled us without them.
 */
export function binsDirectory(): string | undefined {
  // Not by looking for `__dirname`: `node -e` has a global one, which is `.` for every module it loads.
  const { url }: { url?: string } = import.meta;
  const here = url === undefined ? nameOfDirectory() : fileURLToPath(new URL('..', url));
  return [here, join(here, 'bin')].find((dir) => fs.existsSync(join(dir, 'qw-watchdog.sh')));
}

/** Who bundles us into an ES module has none. */
const nameOfDirectory = (): string => (typeof __dirname === 'undefined' ? '/' : __dirname);

declare const __dirname: string;

/**
 * Has the watchdog's program (src/cli/qw-watchdog.ts) do something; nobody waits. Nothing without bins.
 * `input` is for its stdin, and less than a pipe holds.
 */
export function startFinisher(args: readonly string[], input?: string): void {
  const bins = binsDirectory();
  if (bins !== undefined) runDetached(OWN_NODE, [finisherIn(bins), ...args], input);
}

/** The same to its end; undefined where there are no bins. */
export async function runFinisher(args: readonly string[]): Promise<ToolResult | undefined> {
  const bins = binsDirectory();
  return bins === undefined ? undefined : runTool(OWN_NODE, [finisherIn(bins), ...args]);
}

export const finisherIn = (bins: string): string => `${bins}/qw-watchdog.cjs`;
