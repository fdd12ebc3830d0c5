// Roots of version 0.1, which put no marker into them: this version does not touch them. Told only where all
// that is in one is provably ours, since what doctor says then is how to remove it.
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import { areAll } from '../names.js';
import { type Candidate, candidates } from '../reap/candidates.js';
import { SESSION_ID, trashDir } from '../root/layout.js';
import { readMarker } from '../root/marker.js';
import { mountsUnder, readMounts } from '../root/mounts.js';
import { type SessionsInput, type Size, sizeOf } from './sessions.js';

/** What that version called what it was removing. */
const isClaim = (name: string): boolean => /\.\d+-\d+-[a-z0-9]{8}~?$/.test(name);

export interface UnmarkedRoot {
  root: string;
  sessions: number;
  /** Those that are not orphans: in use, kept, or nobody can tell. */
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
    const sizes = sessions.map(({ size }) => sizeOf(size));
    found.push({
      root,
      sessions: sessions.length,
      busy: sessions.filter(({ state }) => state !== 'orphan').length,
      hasMounts: mountsUnder(root, mounts).length > 0,
      size: {
        bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
        entries: sizes.reduce((sum, { entries }) => sum + entries, 0),
        isPartial: sizes.some(({ isPartial }) => isPartial),
      },
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
