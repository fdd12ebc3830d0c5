// Starts our own bundled programs: what has to be done without this process, or after it.
import { binsDirectory } from './bins.js';
import { runDetached } from './exec.js';
import { OWN_NODE } from './find-tool.js';
import { runTool, type ToolResult } from './run-tool.js';

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
