// What of a full file system is used up, who uses it, and one command that frees something: in words.
import { quote } from '../options.js';
import { type LargeEntry, wayOut } from '../reap/culprits.js';
import { formatBytes } from '../space/format-bytes.js';
import type { Headroom } from '../space/headroom.js';

/** What is used up: `code` is what a write was answered, `quota` whose it would be. */
export function whyFull(code: string, quota: string, headroom: Headroom | undefined): string {
  if (code === 'EDQUOT') return `${quota} is used up (EDQUOT)`;
  // What was refused is given back by now: a few inodes are free again.
  const isShortOfInodes = headroom && headroom.inodesTotal > 0 && headroom.inodesFree < INODES_TO_OPEN;
  if (!isShortOfInodes) return 'no space is left (ENOSPC)';
  return headroom.bytesFree < BYTES_TO_OPEN ? 'no space and no inodes are left (ENOSPC)' : NO_INODES;
}

/** The command for the largest of them; undefined where there is none. */
export function commandFor([worst]: readonly LargeEntry[], env: NodeJS.ProcessEnv): string | undefined {
  return worst && wayOut(worst, env);
}

export function entryText({ path, bytes, entries, sessions }: LargeEntry): string {
  const within = sessions.map(
    (session) => `; session ${session.id} ${formatBytes(session.bytes)}${session.isKept ? ', kept' : ''}`,
  );
  const count = `${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'}`;
  return `${quote(path)} ${formatBytes(bytes)} (${count}${within.join('')})`;
}

export const NO_INODES = 'no inodes are left (ENOSPC)';
const INODES_TO_OPEN = 16; // directories, lease and probe of one session
const BYTES_TO_OPEN = 512 * 1024;
