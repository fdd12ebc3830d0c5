// Sockets bound by a relative name in a directory that their process has left since: nothing shows where they
// lie, so what is watched is searched for socket files of that name. Most programs bind absolute names.
import { monotonicMs } from '../clock.js';
import { fs, quietly } from '../fs.js';
import { SESSION_ID, sessionDir, tmpDir } from '../root/layout.js';
import { readMounts, servedBelow } from '../root/mounts.js';
import { paceUntil } from '../tree/directory.js';
import { openTree } from '../tree/open-tree.js';
import { asText, forSystem, join, type RawPath, rawPath } from '../tree/raw-path.js';
import { walk } from '../tree/walk.js';
import type { Meter } from './meter.js';
import { isSocket } from './socket-place.js';
import type { Homeless } from './unix-sockets.js';
import { addHold, type Hold, type Holds, moreIn, type Watch, watchedDir } from './watch.js';

/** Which socket files may be whose, by pid. Where time is too short for a tree, all may have one there. */
export async function findHomes(
  watch: Watch,
  homeless: readonly Homeless[],
  meter: Meter,
): Promise<Map<number, Holds>> {
  const found = new Map(homeless.map(({ pid }): [number, Holds] => [pid, new Map()]));
  if (homeless.length === 0 || meter.isSpent()) return found;
  const note = (pid: number, hold: Hold) => addHold(found.get(pid) as Holds, hold, meter);
  const wanted = byName(homeless);
  const mayHang = servedBelow('/', readMounts());
  const pace = paceUntil(monotonicMs() + MOST_MS);
  for (const top of treesOf(watch, mayHang)) {
    const tree = quietly(() => openTree(rawPath(top)));
    if (!tree) continue;
    try {
      const { stoppedAt } = await walk(tree, {
        pace,
        entry: (directory, name) => {
          const candidates = wanted.get(name);
          if (!candidates || !isSocket(forSystem(join(directory.base, name)))) return;
          const path = join(rawPath(top), join(directory.path(), name));
          const dir = watchedDir(watch, asText(path));
          if (dir === undefined) return;
          for (const [end, pids] of candidates)
            if (path.endsWith(`/${end}`))
              for (const pid of pids) note(pid, { dir, what: 'socket', path: asText(path) });
        },
      });
      const dir = watchedDir(watch, top);
      if (stoppedAt !== undefined && dir !== undefined)
        for (const pid of found.keys()) note(pid, moreIn(dir));
    } finally {
      tree.close();
    }
  }
  return found;
}

/** By the last part of the name; `end` is what the path ends with, whatever directory it was bound in. */
function byName(homeless: readonly Homeless[]): Map<RawPath, Map<RawPath, Set<number>>> {
  const wanted = new Map<RawPath, Map<RawPath, Set<number>>>();
  for (const { pid, text } of homeless) {
    const parts: string[] = [];
    for (const part of rawPath(text).split('/'))
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    const name = parts.at(-1);
    if (name === undefined) continue;
    const ends = wanted.get(name) ?? new Map<RawPath, Set<number>>();
    const end = parts.join('/');
    wanted.set(name, ends.set(end, (ends.get(end) ?? new Set()).add(pid)));
  }
  return wanted;
}

/** Every session's TMPDIR, and the further directories. */
function* treesOf({ roots, dirs = new Set() }: Watch, mayHang: (path: string) => boolean): Generator<string> {
  for (const root of roots.filter((one) => !mayHang(one)))
    for (const id of quietly(() => fs.readdirSync(root)) ?? [])
      if (SESSION_ID.test(id)) yield tmpDir(sessionDir(root, id));
  for (const dir of dirs) if (!mayHang(dir)) yield dir;
}

const MOST_MS = 2_000;
