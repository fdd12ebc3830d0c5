// Removes trees. Each is named in a directory that is held open, so no path leads elsewhere meanwhile. A
// small tree is removed in this process. GNU's rm removes most of the others: it walks with openat(2), so it
// follows no directory that was swapped for a link. Our own remover takes what rm leaves, and all where there
// is another rm (busybox works by path) or none.
import { join } from 'node:path';
import { monotonicMs } from '../clock.js';
import { fs, type OpenDirectory, quietly, systemCode } from '../fs.js';
import { type Program, tool } from '../process/find-tool.js';
import { batches, runTool } from '../process/run-tool.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { isGone } from '../tree/directory.js';
import { otherRemover } from './elsewhere.js';
import { type Failure, mountFailures, removeFailure } from './failure.js';
import { type Doomed, removeTree } from './remove-tree.js';
import { removeSubordinate } from './subordinate.js';

/**
 * Removes the entries `names` of `dir`, which people know as `shown`; returns what could not be removed, by
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
    const reason = `cannot read the table of mounts (${systemCode(error)})`; // out of descriptors, say
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

async function rm({ base }: OpenDirectory, names: readonly string[]): Promise<void> {
  if (process.platform === 'win32') return removeWithoutTool(base, names);
  const isLinux = process.platform === 'linux';
  const program = isLinux ? await gnuRm() : tool('rm');
  const stay = isLinux ? '--one-file-system' : '-x'; // of macOS and the BSDs
  if (program) await runTool(program, ['-rf', stay, '--', ...names], { cwd: base });
}

/** Undefined for any other rm: busybox walks by path, uutils in part. Asked once. */
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
  if (isGone(join(dir.base, name))) return [];
  // Again: rm took its time.
  const mounts = quietly(() => readMounts()) ?? doomed.mounts;
  const mounted = mountFailures(shown, mounts);
  if (mounted.length > 0) return mounted;
  const { isGone: isDone, trouble } = await removeTree({ ...doomed, mounts });
  if (isDone || (trouble && (await removeSubordinate(dir, name, trouble)))) return [];
  return [removeFailure(shown, trouble)];
}

/** For Windows only: it works by path, and would follow a directory that was swapped for a link. */
async function removeWithoutTool(base: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await new Promise<void>((resolve) => {
      fs.rm(join(base, name), { recursive: true, force: true, maxRetries: 5 }, () => resolve());
    });
}

/** So long it is quicker than to start another process. */
const ALONE_MS = 10;
