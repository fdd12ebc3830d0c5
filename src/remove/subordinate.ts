// Uids that the user has for containers of its own (subuid(5)): files of theirs are the user's to remove, in
// its user namespace.
import { userInfo } from 'node:os';
import { attempt, fs } from '../fs.js';
import { ownUid } from '../root/guard.js';

/** `uid` is one of ours in a user namespace. */
export const isSubordinate = (uid: number): boolean =>
  rangesIn(attempt(() => fs.readFileSync('/etc/subuid', 'utf8')) ?? '', [String(ownUid()), ownName()]).some(
    ([first, count]) => uid >= first && uid < first + count,
  );

/** The ranges of a subuid(5) file that belong to any of `names`. Pure. */
export const rangesIn = (text: string, names: readonly string[]): [first: number, count: number][] =>
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
