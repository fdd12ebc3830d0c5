// A full file system in words: what of it is used up and whose, who uses it, and one command that frees
// something.
import { orRefusal, QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { askForRoots } from '../process/ask-mounts.js';
import { quote } from '../quote.js';
import { type LargeEntry, largeEntries, volumeOf, wayOut } from '../reap/culprits.js';
import { existingRoots } from '../root/roots.js';
import { formatBytes, plural } from '../space/format-bytes.js';
import { type Headroom, headroomOf } from '../space/headroom.js';

/** The refusal to open a session. `full`: each root that was tried, with what a write there was answered. */
export async function noSpace(
  full: ReadonlyMap<string, QwRunError>,
  env: NodeJS.ProcessEnv,
): Promise<QwRunError> {
  await askForRoots(env);
  const places = [...full].map(([root, error]) => {
    const place = volumeOf(root);
    return { ...place, why: whyFull(codeOf(error.cause) ?? '', place.quota, headroomOf(place.dir)) };
  });
  const whys = places.map((place) => `on ${place.name} ${place.why}`);
  const known = orRefusal(() => existingRoots(env, undefined)); // that sessions were opened in before
  const found = await largeEntries([...new Set(places.map(({ dir }) => dir))], {
    roots: [...full.keys(), ...(known instanceof QwRunError ? [] : known)],
    scarce: places.every((place) => place.why === NO_INODES) ? 'entries' : 'bytes',
  });
  const [worst] = found;
  const command = worst && wayOut(worst, env);
  const advice = command && `largest of yours: ${found.map(entryText).join(', ')}; try: ${command}, or `;
  const [first] = full.values();
  const { path, cause } = first ?? {};
  return new QwRunError(
    'ERR_QW_NO_SPACE',
    `no session can be opened: ${[...new Set(whys)].join(', ')}; ${advice ?? ''}name a --root elsewhere`,
    { ...(path === undefined ? {} : { path }), cause },
  );
}

/** What is used up: `code` is what a write was answered, `quota` whose it would be. */
export function whyFull(code: string, quota: string, headroom: Headroom | undefined): string {
  if (code === 'EDQUOT') return `${quota} is used up (EDQUOT)`;
  // What was refused is given back by now: a few inodes are free again.
  const isShortOfInodes = headroom && headroom.inodesTotal > 0 && headroom.inodesFree < INODES_TO_OPEN;
  if (!isShortOfInodes) return 'no space is left (ENOSPC)';
  return headroom.bytesFree < BYTES_TO_OPEN ? 'no space and no inodes are left (ENOSPC)' : NO_INODES;
}

export function entryText({ path, bytes, entries, sessions }: LargeEntry): string {
  const within = sessions.map(
    (session) => `; session ${session.id} ${formatBytes(session.bytes)}${session.isKept ? ', kept' : ''}`,
  );
  const count = plural(entries, 'entry');
  return `${quote(path)} ${formatBytes(bytes)} (${count}${within.join('')})`;
}

export const NO_INODES = 'no inodes are left (ENOSPC)';
const INODES_TO_OPEN = 16; // directories, lease and probe of one session
const BYTES_TO_OPEN = 512 * 1024;
