// The refusal to open a session because all is full: of each file system what is used up and whose, who uses
// it, and one command that frees something. One line.
import { orRefusal, QwRunError } from '../errors.js';
import { codeOf } from '../fs.js';
import { askForRoots } from '../process/ask-mounts.js';
import { largeEntries, volumeOf } from '../reap/culprits.js';
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
  const known = orRefusal(() => existingRoots(env, undefined)); // that sessions were opened in before
  const found = await largeEntries([...new Set(places.map(({ dir }) => dir))], {
    roots: [...full.keys(), ...(known instanceof QwRunError ? [] : known)],
    scarce: places.every((place) => place.why === NO_INODES) ? 'entries' : 'bytes',
  });
  const command = commandFor(found, env);
  const advice = command && `largest of yours: ${found.map(entryText).join(', ')}; try: ${command}, or `;
  const [first] = full.values();
  const { path, cause } = first ?? {};
  return new QwRunError(
    'ERR_QW_NO_SPACE',
    `no session can be opened: ${[...new Set(whys)].join(', ')}; ${advice ?? ''}name a --root elsewhere`,
    { ...(path === undefined ? {} : { path }), cause },
  );
}
