// Subordinate uids: those that a user has for rootless containers (subuid(5)). Their files are the user's,
// and only its user namespace lets it remove them.
import { userInfo } from 'node:os';
import { attempt, fs, type OpenDirectory } from '../fs.js';
import { tool } from '../process/find-tool.js';
import { runTool } from '../process/run-tool.js';
import { ownUid } from '../root/trusted.js';

/** `uid` is one of ours in a user namespace. */
export const isSubordinate = (uid: number): boolean =>
  rangesIn(attempt(() => fs.readFileSync('/etc/subuid', 'utf8')) ?? '', [String(ownUid()), ownName()]).some(
    ([first, count]) => uid >= first && uid < first + count,
  );

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
  return fs.lstatSync(`${base}/${name}`, { throwIfNoEntry: false }) === undefined;
}

/** The ranges of a subuid(5) file that belong to any of `names`. Pure. */
const rangesIn = (text: string, names: readonly string[]): [first: number, count: number][] =>
  text.split('\n').flatMap((line) => {
    const [name = '', first, count] = line.split(':');
    return names.includes(name) ? [[Number(first), Number(count)] as [number, number]] : [];
  });

/** The uid again where the password database has no name for it. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(ownUid());
  }
}
