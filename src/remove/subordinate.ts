// Subordinate uids: those that a user has for rootless containers (subuid(5)). Their files are the user's,
// and only its user namespace lets it remove them.
import { userInfo } from 'node:os';
import { unlessItFails } from '../errors.js';
import { attempt, fs, type OpenDirectory } from '../fs.js';
import { tool } from '../process/find-tool.js';
import { runTool } from '../process/run-tool.js';
import { ownUid } from '../root/trusted.js';
import { isGone } from '../tree/directory.js';

/** `uid` is one of ours in a user namespace. */
export function isSubordinate(uid: number): boolean {
  const names = [String(ownUid()), unlessItFails(() => userInfo().username)];
  const ranges = attempt(() => fs.readFileSync('/etc/subuid', 'utf8')) ?? '';
  return ranges.split('\n').some((range) => {
    const [name = '', first, count] = range.split(':');
    return names.includes(name) && uid >= Number(first) && uid < Number(first) + Number(count);
  });
}

/** Tries it where such files were in the way (newuidmap(1)). True when the tree is gone. */
export async function removeSubordinate(
  { base }: OpenDirectory,
  name: string,
  { code, uid }: { code: string; uid: number | undefined },
): Promise<boolean> {
  if (process.platform !== 'linux' || !['EACCES', 'EPERM'].includes(code)) return false;
  if (uid === undefined || uid === ownUid() || !isSubordinate(uid)) return false;
  const rm = [tool('rm'), '-rf', '--one-file-system', '--', `./${name}`];
  await runTool(tool('unshare'), ['--user', '--map-root-user', '--map-auto', ...rm], { cwd: base });
  return isGone(`${base}/${name}`);
}
