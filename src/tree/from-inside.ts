// From inside its directory a name is looked up in half the time: through /proc/self/fd the kernel asks more
// than the directory itself. The scan of leftovers needs that for its goal (`npm run bench -- --only
// legacy`). The working directory is the whole process's: so this is only for processes that are ours alone,
// and for a few entries at a time, without an await.
import { isDescriptor } from './directory.js';

let isAllowed = false;

/** From now on this process changes into the directories that it walks. */
export function goInside(): void {
  isAllowed = process.platform === 'linux';
}

/** Runs `use`, which has to be synchronous, with a name for the open directory `base`. */
export function fromInside<T>(base: string, use: (base: string) => T): T {
  if (!isAllowed || !isDescriptor(base)) return use(base);
  const before = process.cwd();
  try {
    process.chdir(base);
  } catch {
    return use(base); // not ours to search
  }
  try {
    return use('.');
  } finally {
    leaveFor(before);
  }
}

function leaveFor(dir: string): void {
  try {
    process.chdir(dir);
  } catch {
    process.chdir('/'); // it was removed meanwhile
  }
}
