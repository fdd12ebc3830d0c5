// Files of subordinate uids (rootless containers) are the user's, and only its user namespace lets it remove
// them.
import { fs, type OpenDirectory } from '../fs.js';
import { tool } from '../process/find-tool.js';
import { runTool } from '../process/run-tool.js';
import { ownUid } from '../root/guard.js';
import type { Trouble } from './failure.js';
import { isSubordinate } from './subordinate.js';

/**
 * Whether the tree is gone: tried where such files were in the way and the system can map those uids
 * (newuidmap(1)).
 */
export async function removeSubordinate(
  { base }: OpenDirectory,
  name: string,
  { code, uid }: Trouble,
): Promise<boolean> {
  if (process.platform !== 'linux' || !['EACCES', 'EPERM'].includes(code)) return false;
  if (uid === undefined || uid === ownUid() || !isSubordinate(uid)) return false;
  const rm = [tool('rm'), '-rf', '--one-file-system', '--', `./${name}`];
  await runTool(tool('unshare'), ['--user', '--map-root-user', '--map-auto', ...rm], { cwd: base });
  return fs.lstatSync(`${base}/${name}`, { throwIfNoEntry: false }) === undefined;
}
