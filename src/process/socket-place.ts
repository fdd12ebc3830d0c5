// Where a socket lies that was bound by a relative name or through a link: the kernel shows only the text
// given to bind(2). A mount that may never answer is not asked.
import { basename, dirname, join } from 'node:path';
import { fs, quietly } from '../fs.js';
import { lookups } from '../root/lookups.js';
import { readMounts, servedBelow } from '../root/mounts.js';
import { linkOf, namespaceOf } from './procfs.js';

/**
 * Gives, for one look, the path of the socket that `pid` has bound by the name `text`: undefined where that
 * is relative, and below neither its working directory nor its root. Each directory is followed once.
 */
export function socketPlaces(): (pid: number, text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  const own = namespaceOf('self', 'mnt');
  let mayHang: ((path: string) => boolean) | undefined;
  const mayAsk = (path: string): boolean => {
    mayHang ??= servedBelow('/', readMounts());
    return !mayHang(path);
  };
  const follow = (path: string): string | undefined => {
    const dir = dirname(path);
    const real = known.has(dir) ? known.get(dir) : realPath(dir, mayAsk);
    known.set(dir, real);
    return real === undefined ? undefined : join(real, basename(path));
  };
  const isThere = (path: string | undefined) => path !== undefined && mayAsk(path) && isSocket(path);
  return (pid, text) => {
    const isHere = namespaceOf(pid, 'mnt') === own;
    // An absolute one that cannot be followed stays as it is.
    if (text.startsWith('/')) return isHere ? (follow(below(linkOf(pid, 'root'), text)) ?? text) : text;
    if (!isHere) return undefined;
    const tops = [linkOf(pid, 'cwd'), linkOf(pid, 'root')];
    return tops.map((top) => top && follow(below(top, text))).find(isThere);
  };
}

export const isSocket = (path: string | Buffer): boolean =>
  quietly(() => fs.lstatSync(path))?.isSocket() === true;

/** Without links; undefined where it is not there or not asked. */
function realPath(dir: string, mayAsk: (path: string) => boolean): string | undefined {
  const way = quietly(() => [...lookups(dir, mayAsk)]);
  const last = way?.at(-1);
  if (way && !last) return '/';
  return last?.stat && !last.stat.isSymbolicLink() ? last.path : undefined;
}

/** Not joined: `..` goes up from where a link leads. */
const below = (top = '/', text: string): string => (top === '/' ? `/${text}` : `${top}/${text}`);
