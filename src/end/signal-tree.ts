// Ends a process tree where there is no procfs (macOS, Windows).
import { findTool } from '../process/find-tool.js';
import { canAskPs, isAlive, type ProcessIdentity } from '../process/identity.js';
import { runFinisher } from '../process/own-programs.js';
import { signalProcess } from './signal.js';

/**
 * Signals the process and its descendants; only itself where they cannot be listed. tree-kill runs in another
 * process of ours: it searches PATH for programs, and the PATH here is the user's.
 */
export async function signalTree(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!isAlive(identity)) return;
  const canList = canAskPs() && hasTool(process.platform);
  const result = canList ? await runFinisher(['tree', String(identity.pid), signal]) : undefined;
  if (result?.code !== 0) signalProcess(identity, signal);
}

/** Whether tree-kill's tool is there: without it, it crashes its process (pkrumins/node-tree-kill#29). */
export const hasTool = (platform: NodeJS.Platform, find: (name: string) => unknown = findTool): boolean =>
  platform === 'win32' || find(platform === 'darwin' ? 'pgrep' : 'ps') !== undefined;
