// A directory that counts as a mount with a server, by the table of mounts that the code reads.
import type { TestContext } from 'node:test';
import { fs } from '#src/fs.js';
import { type Mount, readMounts } from '#src/root/mounts.js';

/** Until the test ends. The real mounts are in the table, too. */
export function servedMount(
  t: TestContext,
  point: string,
  type = 'fuse.test',
): { mount: Mount; mounts: Mount[]; reads: () => number } {
  const real = fs.readFileSync;
  let reads = 0;
  last += 1;
  const device = last;
  const read = (...args: Parameters<typeof real>) => {
    const content = real(...args);
    if (args[0] !== '/proc/self/mountinfo') return content;
    reads += 1;
    return `${content}999 1 0:${device} / ${point} rw - ${type} none rw\n`;
  };
  t.mock.method(fs, 'readFileSync', read as typeof real);
  const mounts = readMounts();
  reads = 0;
  return { mount: mounts.at(-1) as Mount, mounts, reads: () => reads };
}
let last = 9_000;
