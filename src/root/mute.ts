// Which mounts do not answer. Whoever asks a FUSE or network mount whose server is dead waits forever and
// cannot be killed, so we ask only mounts that are known to answer. A child finds out
// (process/ask-mounts.ts); its answers are kept here.
import { resolve } from 'node:path';
import { monotonicMs } from '../clock.js';
import type { Failure } from '../errors.js';
import { attempt, quietly } from '../fs.js';
import { lookups } from './lookups.js';
import { isServed, type Mount, mountOf, readMounts, unmounting } from './mounts.js';

interface Answer {
  /** Undefined: nobody could be sent there. Such a one may hang, so it is passed over, too. */
  isThere: boolean | undefined;
  /** When, as `monotonicMs` has it. */
  at: number;
}
const answers = new Map<string, Answer>();

/** A mount that takes its place has another name. */
export const mountName = ({ point, device }: Mount): string => `${device} ${point}`;

/** What answered once counts as answering until it is asked again and does not, or cannot be. */
export function noteAnswer(mount: Mount, isThere: boolean | undefined): void {
  answers.set(mountName(mount), { isThere, at: monotonicMs() });
}

export const answerOf = (mount: Mount): Answer | undefined => answers.get(mountName(mount));

/** The first mount on the way to `path` that is not known to answer; undefined where `path` may be asked. */
export const muteOn = (path: string, mounts: readonly Mount[]): Mount | undefined =>
  firstServed(path, mounts, (mount) => answerOf(mount)?.isThere !== true);

/** The mount on the way to `path` that was asked and did not answer; undefined also where nobody asked. */
export function silentOn(path: string): Mount | undefined {
  if (![...answers.values()].some(({ isThere }) => isThere === false)) return undefined; // as mostly
  return firstServed(path, readMounts(), (mount) => answerOf(mount)?.isThere === false);
}

/** The first mount with a server on the way to `path` that `isMeant`; it is not asked itself. */
export function firstServed(
  path: string,
  mounts: readonly Mount[],
  isMeant: (mount: Mount) => boolean,
): Mount | undefined {
  const meant = new Set(mounts.filter((mount) => isServed(mount) && isMeant(mount)));
  if (meant.size === 0) return undefined;
  const at = (place: string) => {
    const mount = mountOf(place, mounts);
    return mount && meant.has(mount) ? mount : undefined;
  };
  const absolute = attempt(() => resolve(path)) ?? path; // relative to a working directory that was removed
  const way = quietly(() => [...lookups(absolute, (place) => at(place) === undefined)]);
  return at(way?.at(-1)?.path ?? '/');
}

/** Why `path` is not looked at; no hint where only nobody could be sent there. */
export const unseen = (path: string, mount: Mount): Failure => {
  const { point, type } = mount;
  const isSilent = answerOf(mount)?.isThere === false;
  const why = isSilent ? 'does not answer' : 'could not be asked whether it answers';
  return {
    path,
    reason: `it lies on ${point} (${type}), which ${why}`,
    hint: isSilent ? unmounting(mount, { isSilent }) : '',
  };
};
