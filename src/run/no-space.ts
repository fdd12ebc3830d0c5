// The refusal to open a session because all is full: of each file system what is used up and whose, who uses
// it, and one command that frees something. One line.
import { QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { askForRoots } from '../process/ask-mounts.js';
import { type LargeEntry, largeEntries, volumeOf } from '../reap/culprits.js';
import { existingRoots } from '../root/roots.js';
import { headroomOf } from '../space/headroom.js';
import { commandFor, entryText, NO_INODES, whyFull } from './what-is-full.js';

/** The error for `full`: each root that was tried, with what a write there was answered. */
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
  const found = await largeEntries([...new Set(places.map(({ dir }) => dir))], {
    roots: [...full.keys(), ...known(env)],
    scarce: places.every((place) => place.why === NO_INODES) ? 'entries' : 'bytes',
  });
  const [first] = full.values();
  return new QwRunError(
    'ERR_QW_NO_SPACE',
    `no session can be opened: ${[...new Set(whys)].join(', ')}; ${advice(found, env)}name a --root ` +
      `elsewhere`,
    { ...(first?.path === undefined ? {} : { path: first.path }), cause: first?.cause },
  );
}

function advice(found: readonly LargeEntry[], env: NodeJS.ProcessEnv): string {
  const command = commandFor(found, env);
  return command === undefined
    ? ''
    : `largest of yours: ${found.map(entryText).join(', ')}; try: ${command}, or `;
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
