// Removes trees of any size and depth where the system's rm works by path (busybox): such a one looks at a directory, then opens it by
// its name, and whoever swaps it for a link in between leads it outside. Here every step goes through a descriptor
// (/proc/self/fd/N, as with openat(2)). Slower than rm, and only where there is none to trust; the event loop gets its turns.
import { basename, dirname, join } from 'node:path';
import { turns } from '../clock.js';
import { codeOf, fs, O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from '../fs.js';
import { newId } from '../root/layout.js';
import type { ToolResult } from './run.js';

/** As far as it decides what stays. */
interface What {
  isSocket(): boolean;
  isFIFO(): boolean;
}

interface Walk {
  device: number;
  /** The tree's own directory: what lies too deep for a descriptor a level is moved up to here. */
  top: Buffer | undefined;
  moved: number;
  /** What stays, with the directories it is in. */
  stays: (what: What) => boolean;
  errors: string[];
  turn: ReturnType<typeof turns>;
}

/** As `rm -rf --one-file-system`: goes on after what it cannot remove, and says so on its stderr. */
export async function removeThroughDescriptors(paths: readonly string[]): Promise<ToolResult> {
  const errors: string[] = [];
  for (const path of paths) {
    const walk = newWalk(errors, () => false);
    await within(Buffer.from(dirname(path)), walk, dirname(path), (base) => removeIn(base, walk, path));
  }
  return asTool(errors);
}

/** The same for the one at `path`, whose parent is open: `parent` is its descriptor's name. */
export async function removeFromOpen(parent: string, path: string): Promise<ToolResult> {
  const walk = newWalk([], () => false);
  try {
    await removeIn(Buffer.from(parent), walk, path);
  } catch (error) {
    note(walk, path, error);
  }
  return asTool(walk.errors);
}

async function removeIn(parent: Buffer, walk: Walk, path: string): Promise<void> {
  const self = below(parent, Buffer.from(basename(path)));
  walk.device = fs.lstatSync(self).dev;
  await remove(self, walk, path, 0);
}

const asTool = (errors: readonly string[]): ToolResult => ({
  code: errors.length > 0 ? 1 : 0,
  stderr: errors.join('\n'),
});

/** Removes what is below `dir`, but for what `stays` says. Best effort. */
export async function emptyThroughDescriptors(dir: string, stays: Walk['stays']): Promise<void> {
  const walk = newWalk([], stays);
  await within(Buffer.from(dir), walk, dir, async (base, fd) => {
    walk.device = fs.fstatSync(fd).dev;
    await emptyTop(base, walk, dir);
  });
}

const newWalk = (errors: string[], stays: Walk['stays']): Walk => ({
  device: 0,
  top: undefined,
  moved: 0,
  stays,
  errors,
  turn: turns(),
});

async function remove(self: Buffer, walk: Walk, shown: string, depth: number): Promise<void> {
  if (walk.turn.isOver()) await walk.turn.pass();
  try {
    const what = fs.lstatSync(self);
    if (walk.stays(what)) return;
    if (!what.isDirectory()) return fs.unlinkSync(self);
    if (depth >= MAX_DEPTH && walk.top) {
      fs.renameSync(self, below(walk.top, Buffer.from(`.deep-${newId()}`)));
      walk.moved += 1;
      return;
    }
  } catch (error) {
    return note(walk, shown, error);
  }
  const isEmptied = await within(self, walk, shown, async (base, fd) => {
    if (fs.fstatSync(fd).dev !== walk.device) throw new Error('it is on another file system');
    await (depth === 0 ? emptyTop(base, walk, shown) : empty(base, walk, shown, depth));
  });
  try {
    if (isEmptied) fs.rmdirSync(self);
  } catch (error) {
    note(walk, shown, error);
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

/** Runs `use` with a name for the directory that stays the same whatever is put in its place; a link is not followed. */
async function within(
  dir: Buffer,
  walk: Walk,
  shown: string,
  use: (base: Buffer, fd: number) => Promise<void>,
): Promise<boolean> {
  let fd: number | undefined;
  try {
    fd = fs.openSync(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    await use(Buffer.from(`/proc/self/fd/${fd}`), fd);
    return true;
  } catch (error) {
    note(walk, shown, error);
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function note({ errors }: Walk, path: string, error: unknown): void {
  if (codeOf(error) === 'ENOENT' || errors.length >= MAX_ERRORS) return; // gone meanwhile
  const [why] = (error instanceof Error ? error.message : String(error)).split(',');
  errors.push(`cannot remove ${path}: ${why}`);
}

const below = (base: Buffer, name: Buffer): Buffer => Buffer.concat([base, SLASH, name]);

const SLASH = Buffer.from('/');
const MAX_DEPTH = 64; // two descriptors a level
const MAX_ERRORS = 20; // the first is told
