// Removes trees of any size and depth without rm: where the system's works by path (busybox), where there is
// none, and where it left something. A walk by path looks at a directory, then opens it by its name, and
// whoever swaps it for a link in between leads the walk outside. Here every step goes through a descriptor
// (/proc/self/fd/N, as with openat(2)). The event loop gets its turns.
import { join } from 'node:path';
import { turns } from '../clock.js';
import { codeOf, fs, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, type OpenDirectory } from '../fs.js';
import { newId } from '../root/layout.js';
import { mountFailures, type Trouble } from './failure.js';

interface Walk {
  /** Of the tree, and of btrfs subvolumes in it. On any other one something was mounted meanwhile. */
  devices: Set<number>;
  /** The tree's own directory: what lies too deep for a descriptor a level is moved up to here. */
  top: Buffer | undefined;
  moved: number;
  /** The first one: the others follow from it, mostly. */
  trouble: Trouble | undefined;
  turn: ReturnType<typeof turns>;
}

/**
 * Removes `name` in `dir`, which people know as `shown`; goes on after what it cannot remove, and tells the
 * first of it.
 */
export async function removeThroughDescriptors(
  dir: OpenDirectory,
  shown: string,
  name: string,
): Promise<Trouble | undefined> {
  const walk: Walk = { devices: new Set(), top: undefined, moved: 0, trouble: undefined, turn: turns() };
  const self = below(Buffer.from(dir.base), Buffer.from(name));
  try {
    walk.devices.add(fs.lstatSync(self).dev);
    await remove(self, walk, join(shown, name), 0);
  } catch (error) {
    note(walk, self, join(shown, name), error);
  }
  return walk.trouble;
}

async function remove(self: Buffer, walk: Walk, shown: string, depth: number): Promise<void> {
  if (walk.turn.isOver()) await walk.turn.pass();
  try {
    if (!fs.lstatSync(self).isDirectory()) return fs.unlinkSync(self);
    if (depth >= MAX_DEPTH && walk.top) {
      fs.renameSync(self, below(walk.top, Buffer.from(`.deep-${newId()}`)));
      walk.moved += 1;
      return;
    }
  } catch (error) {
    return note(walk, self, shown, error);
  }
  const isEmptied = await within(self, walk, shown, async (base, device) => {
    if (!walk.devices.has(device) && mountFailures(shown).length > 0)
      throw Object.assign(new Error('something is mounted here'), { code: 'EBUSY' });
    walk.devices.add(device);
    await (depth === 0 ? emptyTop(base, walk, shown) : empty(base, walk, shown, depth));
  });
  try {
    if (isEmptied) fs.rmdirSync(self);
  } catch (error) {
    note(walk, self, shown, error);
  }
}

/** Again as long as something was moved up. */
async function emptyTop(base: Buffer, walk: Walk, shown: string): Promise<void> {
  walk.top = base;
  for (let before = -1; walk.moved !== before; ) {
    before = walk.moved;
    await empty(base, walk, shown, 0);
  }
}

/** By the piece: one directory may hold millions. */
async function empty(base: Buffer, walk: Walk, shown: string, depth: number): Promise<void> {
  const directory = fs.opendirSync(base as unknown as string, { encoding: 'buffer' as BufferEncoding });
  try {
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
      const name = entry.name as unknown as Buffer;
      await remove(below(base, name), walk, join(shown, name.toString()), depth + 1);
    }
  } finally {
    directory.closeSync();
  }
}

/**
 * Runs `use` with a name for the directory that stays the same whatever is put in its place; a link is not
 * followed.
 */
async function within(
  dir: Buffer,
  walk: Walk,
  shown: string,
  use: (base: Buffer, device: number) => Promise<void>,
): Promise<boolean> {
  let fd: number | undefined;
  try {
    fd = fs.openSync(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    await use(Buffer.from(`/proc/self/fd/${fd}`), fs.fstatSync(fd).dev);
    return true;
  } catch (error) {
    note(walk, dir, shown, error);
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function note(walk: Walk, self: Buffer, path: string, error: unknown): void {
  const code = codeOf(error);
  if (code === undefined) throw error;
  if (code !== 'ENOENT') walk.trouble ??= { path, code, uid: inTheWay(self) }; // else it is gone meanwhile
}

/** Of the entry, unless it is ours: then the directory it is in refused. */
function inTheWay(self: Buffer): number | undefined {
  const uidOf = (path: Buffer) => {
    try {
      return fs.lstatSync(path).uid;
    } catch {
      return undefined;
    }
  };
  const own = uidOf(self);
  const parent = self.subarray(0, self.lastIndexOf(0x2f));
  return own === process.getuid?.() ? uidOf(below(parent, Buffer.from('.'))) : own;
}

const below = (dir: Buffer, name: Buffer): Buffer => Buffer.concat([dir, Buffer.from('/'), name]);
const MAX_DEPTH = 64; // two descriptors a level
