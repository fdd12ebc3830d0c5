// Takes trees off the disk. Each is named in a directory that is held open, so no path leads elsewhere
// meanwhile. A small one goes in this process. Of the others GNU's rm takes most: it walks with openat(2), so
// a directory swapped for a link is not followed, at any depth and with any byte in a name. What it leaves,
// and where there is another (busybox works by path) or none, our own remover takes.
import { join } from 'node:path';
import { monotonicMs } from '../clock.js';
import { codeOf, fs, type OpenDirectory, quietly } from '../fs.js';
import { type Program, tool } from '../process/find-tool.js';
import { runTool } from '../process/run-tool.js';
import { batches } from '../process/shares.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { otherRemover } from './elsewhere.js';
import { type Failure, mountFailures, removeFailure } from './failure.js';
import { removeSubordinate } from './remove-subordinate.js';
import { type Doomed, removeTree } from './remove-tree.js';

/**
 * Removes the entries `names` of `dir`, which people know as `shown`; gives what could not be removed, by
 * name. Never throws the system's errors, never crosses a mount.
 */
export async function removeFrom(
  dir: OpenDirectory,
  shown: string,
  names: readonly string[],
): Promise<Map<string, Failure[]>> {
  let mounts: readonly Mount[];
  try {
    mounts = readMounts();
  } catch (error) {
    const code = codeOf(error); // out of descriptors, say
    if (code === undefined) throw error;
    const reason = `mounts cannot be looked at (${code})`;
    return new Map(names.map((name) => [name, [{ path: join(shown, name), reason, hint: '' }]]));
  }
  const failures = new Map<string, Failure[]>();
  const large: string[] = [];
  const until = monotonicMs() + ALONE_MS;
  for (const name of names) {
    const mounted = mountFailures(join(shown, name), mounts);
    if (mounted.length > 0) failures.set(name, mounted);
    else if (monotonicMs() > until || !(await removeSmall(dir, name))) large.push(name);
  }
  const done = large.length > 0 ? await otherRemover()?.remove(dir, shown, large) : undefined;
  if (done) return new Map([...failures, ...done]);
  for (const batch of batches(large.map((name) => `./${name}`))) await rm(dir, batch);
  for (const name of large) {
    const left = await removeRest({ dir, name, shown: join(shown, name), mounts });
    if (left.length > 0) failures.set(name, left);
  }
  return failures;
}

/** Removes a small tree in this process; false where it is large, or cannot be removed. */
export const removeSmall = async (dir: OpenDirectory, name: string): Promise<boolean> =>
  process.platform === 'linux' && (await removeTree({ dir, name, shown: name, mounts: [] }, true)).isGone;

/** rm's option to stay on one file system. */
export const STAY = process.platform === 'linux' ? '--one-file-system' : '-x';

async function rm({ base }: OpenDirectory, names: readonly string[]): Promise<void> {
  if (process.platform === 'win32') return removeWithoutTool(base, names);
  const program = process.platform === 'linux' ? await gnuRm() : tool('rm');
  if (program) await runTool(program, ['-rf', STAY, '--', ...names], { cwd: base });
}

/** Others walk by path, all (busybox) or in part (uutils): undefined. Asked once. */
const gnuRm = (): Promise<Program | undefined> => {
  rmAsked ??= runTool(tool('rm'), ['--version'], { hears: true }).then(({ code, stdout }) => {
    if (code === undefined) rmAsked = undefined; // out of processes, say: that may pass
    return stdout.includes('GNU coreutils') ? tool('rm') : undefined;
  });
  return rmAsked;
};
let rmAsked: Promise<Program | undefined> | undefined;

async function removeRest(doomed: Doomed): Promise<Failure[]> {
  const { dir, name, shown } = doomed;
  if (isGone(dir, name)) return [];
  // Again: rm took its time.
  const mounts = quietly(() => readMounts()) ?? doomed.mounts;
  const mounted = mountFailures(shown, mounts);
  if (mounted.length > 0) return mounted;
  const { isGone: isDone, trouble } = await removeTree({ ...doomed, mounts });
  if (isDone || (trouble && (await removeSubordinate(dir, name, trouble)))) return [];
  return [removeFailure(shown, trouble)];
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
  quietly(() => fs.lstatSync(join(base, name), { throwIfNoEntry: false }) === undefined) === true;

/** A few small trees are gone sooner than another process is started. */
const ALONE_MS = 10;
