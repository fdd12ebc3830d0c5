// Whether a directory is the working tree of a repository, or a bare one: then what lies in it may be a part
// of that. Asked by name, so that no directory of a million names is read.
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import { readMounts, servedBelow } from '../root/mounts.js';
import { isRepository, TELLING } from './repositories.js';
import { hasShape } from './shape.js';

/** A mount with a server is not asked: it may be dead. */
export function isWorkingTree(dir: string, isServed = servedBelow(dir, readMounts())): boolean {
  const isThere = (name: string) => !isServed(join(dir, name)) && exists(join(dir, name));
  return isRepository(TELLING.filter((name) => isThere(name) && !isPlaceholder(dir, name)));
}

/** The sandboxes of agents put these there, empty, while a command runs. */
export const PLACEHOLDERS: ReadonlySet<string> = new Set(['.git', '.agents', '.codex', '.aws']);

const isPlaceholder = (dir: string, name: string): boolean =>
  PLACEHOLDERS.has(name) && hasShape(join(dir, name), { kind: 'directory', holds: [] });

const exists = (path: string): boolean =>
  attempt(() => fs.lstatSync(path, { throwIfNoEntry: false })) !== undefined;
