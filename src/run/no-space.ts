// The refusal to open a session because all is full: of each file system what is used up and whose, who uses
// it, and one command that frees something. One line.
import { agentProfiles } from '../backends/profiles.js';
import { QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { quote } from '../options.js';
import { askForRoots } from '../process/ask-mounts.js';
import { placeOf } from '../reap/culprits.js';
import { tempDirectories } from '../reap/reap-options.js';
import { type LargeEntry, largeEntries, wayOut } from '../reap/way-out.js';
import { ownUid } from '../root/guard.js';
import { existingRoots } from '../root/roots.js';
import { formatBytes } from '../space/format-bytes.js';
import { type Headroom, headroomOf } from '../space/headroom.js';

/** The error for `full`: each root that was tried, with what a write there was answered. */
export async function noSpace(
  full: ReadonlyMap<string, QwRunError>,
  env: NodeJS.ProcessEnv,
): Promise<QwRunError> {
  await askForRoots(env);
  const places = [...full].map(([root, error]) => {
    const place = placeOf(root);
    return { ...place, why: why(codeOf(error.cause) ?? '', place.quota, headroomOf(place.dir)) };
  });
  const whys = places.map((place) => `on ${place.name} ${place.why}`);
  const found = await largeEntries([...new Set(places.map(({ dir }) => dir))], {
    roots: [...full.keys(), ...known(env)],
    scarce: places.every((place) => place.why === NO_INODES) ? 'entries' : 'bytes',
  });
  const [first] = full.values();
  return new QwRunError(
    'ERR_QW_NO_SPACE',
    `no session can be opened: ${[...new Set(whys)].join(', ')}; ${advice(found, env)}name a --root elsewhere`,
    { ...(first?.path === undefined ? {} : { path: first.path }), cause: first?.cause },
  );
}

function why(code: string, quota: string, headroom: Headroom | undefined): string {
  if (code === 'EDQUOT') return `${quota} is used up (EDQUOT)`;
  const { inodesFree, inodesTotal, bytesFree } = headroom ?? NOT_SAID;
  // What was refused is given back by now: a few inodes are free again.
  const isShortOfInodes = inodesTotal > 0 && inodesFree < INODES_TO_OPEN;
  if (!isShortOfInodes) return 'no space is left (ENOSPC)';
  return bytesFree < BYTES_TO_OPEN ? 'no space and no inodes are left (ENOSPC)' : NO_INODES;
}

function advice(found: readonly LargeEntry[], env: NodeJS.ProcessEnv): string {
  const [worst] = found;
  if (!worst) return '';
  const legacy = agentProfiles().flatMap((profile) => profile.legacy.map(({ path }) => path));
  const command = wayOut(worst, { legacyDirs: tempDirectories(env), legacy, uid: ownUid() });
  return `largest of yours: ${found.map(tell).join(', ')}; try: ${command}, or `;
}

function tell({ path, bytes, entries, sessions }: LargeEntry): string {
  const within = sessions.map(
    (session) => `; session ${session.id} ${formatBytes(session.bytes)}${session.isKept ? ', kept' : ''}`,
  );
  const count = `${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'}`;
  return `${quote(path)} ${formatBytes(bytes)} (${count}${within.join('')})`;
}

/** Also those that sessions were opened in before. */
function known(env: NodeJS.ProcessEnv): string[] {
  try {
    return existingRoots(env, undefined);
  } catch (error) {
    if (error instanceof QwRunError) return [];
    throw error;
  }
}

const NO_INODES = 'no inodes are left (ENOSPC)';
const INODES_TO_OPEN = 16; // directories, lease and probe of one session
const BYTES_TO_OPEN = 512 * 1024;
const NOT_SAID: Headroom = { bytesFree: 0, bytesTotal: 0, inodesFree: 0, inodesTotal: 0 };
