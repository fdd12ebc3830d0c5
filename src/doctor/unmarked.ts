// Roots of version 0.1, which put no marker into them: this version does not touch them. They are reported
// only where all that is in one is provably ours, since doctor then says how to remove it.
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import { type Candidate, candidates } from '../judge/candidates.js';
import { areAll } from '../names.js';
import { shellQuote } from '../options.js';
import { SESSION_ID, trashDir } from '../root/layout.js';
import { readMarker } from '../root/marker.js';
import { mountsUnder, readMounts } from '../root/mounts.js';
import { plural } from '../space/format-bytes.js';
import { type Finding, warning } from './finding.js';
import type { SessionsInput } from './sessions.js';
import { formatSizes, type Size, sizeOf, total } from './size.js';

export interface UnmarkedRoot {
  root: string;
  sessions: number;
  /** Those that are not orphans: in use, kept, or unknown. */
  busy: number;
  /** A mount lies there: `rm -rf` would empty it. */
  hasMounts: boolean;
  /** Of the sessions. */
  size: Size;
}

/** Those of `roots`, refused as not ours, that are such roots. */
export async function examineUnmarked(input: SessionsInput): Promise<UnmarkedRoot[]> {
  const mounts = readMounts();
  const found: UnmarkedRoot[] = [];
  for (const root of input.roots) {
    if (readMarker(root).kind !== 'none') continue;
    const sessions = await candidates({ ...input, roots: [root], wantsSizes: true });
    if (!isOurs(root, sessions)) continue;
    found.push({
      root,
      sessions: sessions.length,
      busy: sessions.filter(({ state }) => state !== 'orphan').length,
      hasMounts: mountsUnder(root, mounts).length > 0,
      size: total(sessions.map(({ size }) => sizeOf(size))),
    });
  }
  return found;
}

/** Every entry is a session with a lease, a claim, or a stamp of ours. */
function isOurs(root: string, sessions: readonly Candidate[]): boolean {
  const proven = new Set(sessions.filter(({ found }) => found.kind === 'good').map(({ id }) => id));
  const isKnown = (name: string): boolean => {
    if (SESSION_ID.test(name)) return proven.has(name);
    if (name === '.trash') return attempt(() => areAll(trashDir(root), isClaim)) === true;
    if (name === '.reaped') return attempt(() => fs.lstatSync(join(root, name)))?.size === 0;
    return name.startsWith('.qw-trash.') && isClaim(name);
  };
  return attempt(() => areAll(root, isKnown)) === true;
}

/** What that version called what it was removing. */
const isClaim = (name: string): boolean => /\.\d+-\d+-[a-z0-9]{8}~?$/.test(name);

/** What to do about one: `rm` only where nothing but sessions of the dead goes with it. Pure. */
export function unmarkedFinding({ root, sessions, busy, hasMounts, size }: UnmarkedRoot): Finding {
  const use = busy > 0 ? `${busy} in use or kept` : 'none in use';
  const isRemovable = busy === 0 && !hasMounts;
  return warning('unmarked-root', root, {
    text:
      `a root of version 0.1, which this one does not touch: ${plural(sessions, 'session')} ` +
      `(${formatSizes([size])}), ${hasMounts ? 'something is mounted there' : use}`,
    command: `${isRemovable ? 'rm -rf --' : 'ls -lA'} ${shellQuote(root)}`,
  });
}
