// A path of more than a page has no name in procfs: readlink(2) refuses it (ENAMETOOLONG). A directory above
// it has one, and says in which session it lies.
import { attempt, fs, O_PATH, type OpenDirectory, openDirectory, quietly, readProc } from '../fs.js';
import { isServed, parseMountinfo } from '../root/mounts.js';

/** Nothing more is known of a path. */
export const DEEP = '…';

/**
 * Where such a link of a process leads: the path of a directory above that, and `/…`. Only `…` where it
 * cannot be told: nothing leads up from a file, and a mount whose server may be dead is not asked.
 */
export function longPath(pid: number | 'self', name: string): string {
  const lines = readProc(`/proc/${pid}/mountinfo`)?.split('\n') ?? [];
  const served = lines.filter((line) => parseMountinfo(line).some(isServed));
  if (mayHang(pid, name, served)) return DEEP;
  let at: OpenDirectory | undefined = quietly(() => openDirectory(`/proc/${pid}/${name}/${UP}`));
  let isFar = served.length === 0; // a far step may lead above the session, where a server may be
  try {
    for (let steps = 0; at && steps < MOST_STEPS; steps += 1) {
      const { base } = at;
      const path = nameOf(base);
      if (path !== undefined) return `${path}/${DEEP}`;
      const far = isFar ? farAbove(base) : undefined;
      isFar = far !== undefined;
      const above = far ?? quietly(() => openDirectory(`${base}/${UP}`));
      at.close();
      at = above;
    }
    return DEEP;
  } finally {
    at?.close();
  }
}

/** A directory so far above that one, if it has no name either. */
function farAbove(base: string): OpenDirectory | undefined {
  const far = quietly(() => openDirectory(`${base}/${FAR_UP}`));
  if (far && nameOf(far.base) === undefined) return far;
  far?.close();
  return undefined;
}

const nameOf = (base: string): string | undefined => attempt(() => fs.readlinkSync(base));

/**
 * Whether it may lie on a mount with a server. To ask which mount that is asks no FUSE server, but one of a
 * network (d_weak_revalidate).
 */
function mayHang(pid: number | 'self', name: string, served: readonly string[]): boolean {
  if (served.length === 0) return false;
  if (!served.every((line) => / - fuse/.test(line))) return true;
  const id = quietly(() => {
    const fd = fs.openSync(`/proc/${pid}/${name}`, O_PATH);
    try {
      return readProc(`/proc/self/fdinfo/${fd}`);
    } finally {
      fs.closeSync(fd);
    }
  })?.match(/^mnt_id:\s+(\d+)$/m)?.[1];
  return id === undefined || served.some((line) => line.startsWith(`${id} `));
}

/** A name has at most 255 bytes, a session's path 48: so far up from 4,096 it is still in there. */
const UP = Array(8).fill('..').join('/');
/** Still a path that can be opened. */
const FAR_UP = Array(1_000).fill('..').join('/');
const MOST_STEPS = 10_000;
