// What is wrong with the file systems of sessions and of agents without us. Pure: facts in, findings out.
import { dirname } from 'node:path';
import { isFullCode } from '../fs.js';
import { shellQuote } from '../options.js';
import { isWithin } from '../root/layout.js';
import { formatBytes } from '../space/format-bytes.js';
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import type { Share } from './quota.js';
import { formatEntries } from './size.js';
import type { PlaceFacts } from './space.js';

export function spaceFindings(facts: Facts): Finding[] {
  return facts.places.flatMap((place) => {
    const quiet = [...atimeFindings(place, facts)];
    if (isFullCode(place.writeError)) return [full(place, facts), ...quiet];
    return [...lowFindings(place, facts), ...quiet];
  });
}

/** Proven by a write that was refused, never by statfs. */
function full(place: PlaceFacts, facts: Facts): Finding {
  const what =
    place.writeError === 'EDQUOT' ? 'your disk quota is used up' : 'no space or no inodes are left';
  const largest = place.largest.map(
    ({ path, bytes, entries }) => `${path} ${formatBytes(bytes)} (${formatEntries(entries)})`,
  );
  return {
    weight: isOfSessions(place, facts) ? 'problem' : 'warning',
    code: 'full',
    about: place.dir,
    text:
      `${what} (${place.writeError}): commands there fail without a ` +
      `word${largest.length > 0 ? `; largest of yours: ${largest.join(', ')}` : ''}`,
    command: whatFrees(place, facts),
  };
}

function lowFindings(place: PlaceFacts, facts: Facts): Finding[] {
  const { bytes, inodes, missing, quota } = place;
  const short = [
    ...(bytes && missing.bytes > 0 ? [`${formatBytes(bytes.free)} are left`] : []),
    ...(inodes && missing.inodes > 0 ? [`${inodes.free.toLocaleString('en')} inodes are left`] : []),
    ...(isShareLow(quota?.bytes) ? [`${formatBytes(left(quota?.bytes))} of your quota are left`] : []),
    ...(isShareLow(quota?.inodes)
      ? [`${left(quota?.inodes).toLocaleString('en')} inodes of your quota are left`]
      : []),
  ];
  if (short.length === 0) return [];
  return [
    {
      weight: 'warning',
      code: 'low',
      about: place.dir,
      text: `nearly full: ${short.join(', ')}`,
      command: whatFrees(place, facts),
    },
  ];
}

/** Reading leaves no trace there. */
function atimeFindings(place: PlaceFacts, facts: Facts): Finding[] {
  if (place.atime !== 'noatime' || !isOfSessions(place, facts) || place.mount === null) return [];
  return [
    {
      weight: 'note',
      code: 'noatime',
      about: place.dir,
      text: 'mounted with noatime: a file that is only read there counts as unused',
      command: `sudo mount -o remount,relatime ${shellQuote(place.mount)}`,
    },
  ];
}

/** The command that frees most, by what was found there. */
function whatFrees({ serves, largest }: PlaceFacts, { sessions, legacy }: Facts): string {
  if (sessions.some(({ root, state }) => state === 'orphan' && serves.includes(root))) return 'qw-tmp reap';
  const isStaleHere = legacy.some(({ dir, stale }) => stale.count > 0 && serves.includes(dir));
  if (isStaleHere) return 'qw-tmp reap --legacy';
  // What fills it may lie beside the root.
  const dirs = largest.length > 0 ? [...new Set(largest.map(({ path }) => dirname(path)))] : serves;
  const outer = dirs.filter((dir) => !dirs.some((other) => other !== dir && isWithin(other, dir)));
  return `du -xhd1 ${outer.map(shellQuote).join(' ')} 2>/dev/null | sort -h | tail`;
}

const isOfSessions = ({ serves }: PlaceFacts, { roots }: Facts): boolean => {
  const chosen = roots.find(({ state }) => state === 'chosen') ?? roots[0];
  return chosen !== undefined && serves.includes(chosen.path);
};

const isShareLow = (share: Share | null | undefined): boolean =>
  share != null && left(share) < share.limit * LOW_PART;

const left = (share: Share | null | undefined): number => (share ? Math.max(0, share.limit - share.used) : 0);

const LOW_PART = 0.05;
