// Ends a process tree where there is no procfs (macOS, Windows). tree-kill spawns ps or pgrep without an
// error listener and brings the process down where they are missing (pkrumins/node-tree-kill#29): looked up
// first.
import { delimiter, join } from 'node:path';
import killTree from 'tree-kill';
import { fs } from '../fs.js';
import { canAskPs, isAlive, type ProcessIdentity } from '../process/identity.js';
import { signalProcess } from './signal.js';

/** Signals the process and its descendants; only the process itself where they cannot be listed. */
export function signalTree(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!isAlive(identity)) return Promise.resolve();
  if (!canAskPs() || !hasTool(process.platform)) {
    signalProcess(identity, signal);
    return Promise.resolve();
  }
  return new Promise((resolve) => killTree(identity.pid, signal, () => resolve()));
}

/** What tree-kill needs on this platform is in PATH. Windows has taskkill in any case. */
export function hasTool(platform: NodeJS.Platform, path = process.env['PATH'] ?? ''): boolean {
  if (platform === 'win32') return true;
  const tool = platform === 'darwin' ? 'pgrep' : 'ps';
  return path.split(delimiter).some((dir) => dir !== '' && fs.existsSync(join(dir, tool)));
}
