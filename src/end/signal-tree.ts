// Ends a process tree where there is no procfs (macOS, Windows).
import { binsDirectory } from '../process/bins.js';
import { findTool, OWN_NODE } from '../process/find-tool.js';
import { canAskPs, isAlive, type ProcessIdentity } from '../process/identity.js';
import { runTool } from '../process/run-tool.js';
import { signalProcess } from './signal.js';

/**
 * Signals the process and its descendants; only the process itself where they cannot be listed. In a process
 * of ours: tree-kill looks up what it runs in PATH, and the PATH of this one is the user's.
 */
export async function signalTree(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!isAlive(identity)) return;
  const bins = binsDirectory();
  if (bins !== undefined && canAskPs() && hasTool(process.platform)) {
    const args = [`${bins}/qw-watchdog.cjs`, 'tree', String(identity.pid), signal];
    if ((await runTool(OWN_NODE, args)).code === 0) return;
  }
  signalProcess(identity, signal);
}

/**
 * What tree-kill needs on this platform is there: without it, it would bring its process down
 * (pkrumins/node-tree-kill#29). Windows has taskkill in any case.
 */
export const hasTool = (platform: NodeJS.Platform, find: (name: string) => unknown = findTool): boolean =>
  platform === 'win32' || find(platform === 'darwin' ? 'pgrep' : 'ps') !== undefined;
