// Takes a tree off the disk. Unless it is small, the system's rm does it: it walks with openat(2), so a directory swapped for a link is not
// followed, at any depth and with any byte in a name (Node's fs.rm fails on deep paths and works by path).
import { setImmediate as turn } from 'node:timers/promises';
import { codeOf, fs, quietly } from '../fs.js';
import { shellQuote } from '../options.js';
import { aloneUntil, batches } from '../process/shares.js';
import { type Mount, mountsUnder, readMounts } from '../root/mounts.js';
import { grantAccess } from './grant-access.js';
import { removeSmall } from './remove-small.js';
import { removeThroughDescriptors } from './remove-through-descriptors.js';
import { rmFromBothEnds } from './rm-from-both-ends.js';
import { runTool, type ToolResult } from './run.js';
import { abandon, withoutClaim } from './trash.js';

/** Something that is still on the disk: why, and the command that would help. */
export interface Failure {
  path: string;
  reason: string;
  hint: string;
}

/** Removes `path` and everything below it; gives what could not be removed. Never throws the system's errors, never crosses a mount. */
export async function removeTree(path: string): Promise<Failure[]> {
  try {
    return await removeAll(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return isGone(path) ? [] : [explain(abandon(path), `it cannot be looked at (${code})`)]; // out of descriptors, say
  }
}

async function removeAll(path: string): Promise<Failure[]> {
  const mounted = mountFailures(path);
  if (mounted.length > 0) return mounted;
  if (removeSmall(path)) return [];
  const first = await rm([path]);
  if (isGone(path)) return [];
  // Read-only directories (Go's module cache) keep their entries from us. Only directories: a file's mode is shared
  // with hard links outside.
  grantAccess(path);
  const second = await rm([path]);
  return isGone(path) ? [] : [explain(abandon(path), second.stderr || first.stderr)];
}

/** The same for many: one `rm` for all (a process costs more than a small tree), then each that is left by itself. */
export async function removeTrees(paths: readonly string[]): Promise<Map<string, Failure[]>> {
  const mounts = quietly(readMounts);
  const free: string[] = [];
  const until = aloneUntil(paths.length);
  for (const path of paths.filter((one) => mounts && mountsUnder(one, mounts).length === 0)) {
    if (performance.now() > until || !removeSmall(path)) free.push(path);
    else await turn();
  }
  for (const batch of batches(free)) await rm(batch);
  const results = new Map<string, Failure[]>();
  for (const path of paths) results.set(path, isGone(path) ? [] : await removeTree(path));
  return results;
}

/** Mounts below a path: nothing there is renamed or removed, the other side may be anybody's. */
export const mountFailures = (path: string, mounts: readonly Mount[] = readMounts()): Failure[] =>
  mountsUnder(path, mounts).map((point) => ({
    path: point,
    reason: 'something is mounted here',
    hint: `umount ${shellQuote(point)}`,
  }));

/** rm's option to stay on one file system: GNU and macOS know it, busybox and uutils may not. */
export const STAY = process.platform === 'darwin' ? '-x' : '--one-file-system';

/** By path no tree is removed: who swaps a directory for a link meanwhile would lead that outside. */
async function rm(paths: readonly string[]): Promise<ToolResult> {
  const found = await rmFromBothEnds(['-rf', STAY, '--'], paths);
  if (found.code === undefined && process.platform === 'win32') return removeWithoutTool(paths);
  const isUnknown =
    /unrecognized|unknown|illegal|unexpected|invalid/i.test(found.stderr) &&
    /one-file-system|option|argument|usage/i.test(found.stderr);
  if (!isUnknown) return found;
  return process.platform === 'linux'
    ? removeThroughDescriptors(paths)
    : runTool('rm', ['-rf', '--', ...paths]);
}

/** No rm (Windows). Never elsewhere: it works by path, and would follow a directory that was swapped for a link. */
async function removeWithoutTool(paths: readonly string[]): Promise<ToolResult> {
  const errors: string[] = [];
  for (const path of paths)
    await new Promise<void>((resolve) => {
      fs.rm(path, { recursive: true, force: true, maxRetries: 5 }, (error) => {
        if (error) errors.push(error.message);
        resolve();
      });
    });
  return { code: errors.length > 0 ? 1 : 0, stderr: errors.join('\n') };
}

function isGone(path: string): boolean {
  try {
    fs.lstatSync(path);
    return false;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}

function explain(path: string, stderr: string): Failure {
  const reason =
    stderr
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.replace(/^rm: /, '') ?? 'it cannot be removed';
  const short = reason.length > MAX_REASON ? `…${reason.slice(-MAX_REASON)}` : reason; // a deep path comes first
  return { path, reason: short, hint: hintFor(path, /not permitted/i.test(reason)) };
}

/** What cannot even be renamed: its directory is not ours to write, or it is immutable. */
export const moveFailure = (path: string, error: unknown): Failure => ({
  path,
  reason: `it cannot be moved away (${codeOf(error) ?? error})`,
  hint: hintFor(path, codeOf(error) === 'EPERM'),
});

/** The command that helps whoever may, also after another pass has taken over what is in the trash. */
function hintFor(path: string, isImmutable: boolean): string {
  const base = withoutClaim(path);
  const all = shellQuote(base) + (base === path ? '' : '.*');
  return isImmutable
    ? `sudo sh -c ${shellQuote(`chattr -R -i ${all}; rm -rf ${all}`)}`
    : `sudo rm -rf ${all}`;
}

const MAX_REASON = 300;
