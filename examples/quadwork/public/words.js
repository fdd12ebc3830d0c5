// Numbers and lists as people read them.

export function inBytes(bytes) {
  if (bytes === null) return '–'; // nobody has looked
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), 3);
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** On average since the session was opened; there is none in its first minute. */
export const inGrowth = (perMinute) => (perMinute === null ? '–' : `${inBytes(perMinute)}/min`);

export const inTime = (at) => new Date(at).toLocaleTimeString('en-GB');

/** What the file system says; a user's quota is not in there. */
export function inRoom({ root, bytesFree, bytesTotal, inodesFree, inodesTotal }) {
  const inodes = inodesTotal > 0 ? `, ${Math.floor((100 * inodesFree) / inodesTotal)}% of the inodes` : '';
  return `${root}: ${inBytes(bytesFree)} of ${inBytes(bytesTotal)} free${inodes}`;
}

export function inPass({ at, removed, swept, legacy, kept, failed, pressure, bytes, ms }) {
  const what = `${removed} sessions removed, ${swept + legacy} stale entries swept, ${inBytes(bytes)} freed, ${kept} kept`;
  const short = pressure.map(
    ({ place, isEnough }) => `; ${place} ${isEnough ? 'was' : 'is still'} short of room`,
  );
  const wrong = failed.map(({ path, reason }) => `; could not remove ${path}: ${reason}`);
  return `${inTime(at)}: ${what}, in ${ms} ms${[...short, ...wrong].join('')}`;
}
