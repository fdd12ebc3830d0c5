// Takes trees off the disk. Each is named in a directory that is held open, so no path leads elsewhere
// meanwhile. A small one goes in this process; of the others the system's rm takes most: it walks with
// openat(2), so a directory swapped for a link is not followed, at any depth and with any byte in a name.
// What it leaves, or where it works by path (busybox), the descriptor walk takes.
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { codeOf, fs, type OpenDirectory } from '../fs.js';
import { aloneUntil, batches } from '../process/shares.js';
import { readMounts } from '../root/mounts.js';
import { otherRemover } from './elsewhere.js';
import { type Failure, mountFailures, removeFailure } from './failure.js';
import { grantAccess } from './grant-access.js';
import { removeSmall } from './remove-small.js';
import { removeSubordinate } from './remove-subordinate.js';
import { removeThroughDescriptors } from './remove-through-descriptors.js';
import { runTool } from './run.js';

/**
 * Removes the entries `names` of `dir`, which people know as `shown`; gives what could not be removed, by
 * name. Never throws the system's errors, never crosses a mount.
 */
export async function removeFrom(
  dir: OpenDirectory,
  shown: string,
  names: readonly string[],
): Promise<Map<string, Failure[]>> {
  const failures = new Map<string, Failure[]>();
  const large: string[] = [];
  const until = aloneUntil(names.length);
  const mountedIn = mountsNow();
  for (const name of names) {
    const mounted = mountedIn(join(shown, name));
    if (mounted.length > 0) failures.set(name, mounted);
    else if (performance.now() > until || !removeSmall(dir.base, name)) large.push(name);
    else await turn();
  }
  const done = large.length > 0 ? await otherRemover()?.remove(dir, shown, large) : undefined;
  if (done) return new Map([...failures, ...done]);
  for (const batch of batches(large.map((name) => `./${name}`))) await rm(dir, batch);
  for (const name of large) {
    const left = await removeRest(dir, shown, name);
    if (left.length > 0) failures.set(name, left);
  }
  return failures;
}

/** rm's option to stay on one file system: GNU and macOS know it, busybox and uutils may not. */
export const STAY = process.platform === 'darwin' ? '-x' : '--one-file-system';

/** Where rm knows no such option it removes nothing: it would work by path. */
async function rm({ base }: OpenDirectory, names: readonly string[]): Promise<void> {
  const { code, stderr } = await runTool('rm', ['-rf', STAY, '--', ...names], { cwd: base });
  if (code === undefined && process.platform === 'win32') return removeWithoutTool(base, names);
  const isUnknown =
    /unrecognized|unknown|illegal|unexpected|invalid/i.test(stderr) && /option|argument|usage/i.test(stderr);
  if (isUnknown && process.platform === 'darwin') await runTool('rm', ['-rf', '--', ...names], { cwd: base });
}

async function removeRest(dir: OpenDirectory, shown: string, name: string): Promise<Failure[]> {
  const path = join(shown, name);
  try {
    if (isGone(dir, name)) return [];
    // Read-only directories (Go's module cache) keep their entries from us. Only directories: a file's mode
    // is shared with hard links outside.
    grantAccess(join(dir.base, name));
    const trouble =
      process.platform === 'linux' ? await removeThroughDescriptors(dir, shown, name) : undefined;
    if (process.platform !== 'linux') await rm(dir, [`./${name}`]);
    if (isGone(dir, name)) return [];
    if (trouble && (await removeSubordinate(dir, name, trouble))) return [];
    return [removeFailure(path, trouble)];
  } catch (error) {
    const code = codeOf(error); // out of descriptors, say
    if (code === undefined) throw error;
    return [{ path, reason: `it cannot be looked at (${code})`, hint: '' }];
  }
}

/** Tells what is mounted in a tree; where that cannot be looked up nothing is removed. */
function mountsNow(): (path: string) => Failure[] {
  try {
    const mounts = readMounts();
    return (path) => mountFailures(path, mounts);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return (path) => [{ path, reason: `mounts cannot be looked at (${code})`, hint: '' }];
  }
}

/**
 * No rm (Windows). Never elsewhere: it works by path, and would follow a directory that was swapped for a
 * link.
 */
async function removeWithoutTool(base: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await new Promise<void>((resolve) => {
      fs.rm(join(base, name), { recursive: true, force: true, maxRetries: 5 }, () => resolve());
    });
}

const isGone = ({ base }: OpenDirectory, name: string): boolean =>
  fs.lstatSync(join(base, name), { throwIfNoEntry: false }) === undefined;
