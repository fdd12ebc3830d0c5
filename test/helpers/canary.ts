// A tree outside of sessions that links in them lead to: whoever follows one changes something of it, or reads a file.
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { picture, put } from './reaping.js';

export interface Canary {
  dir: string;
  /** Fails where anything of it is not as it was. */
  untouched(): void;
}

/** To be called before the scene is made, which cannot be removed with read-only directories in it; gives what makes the tree. */
export function canaryFor(t: TestContext): (dir: string, names: readonly string[]) => Canary {
  let closed = '';
  t.after(() => closed !== '' && chmodSync(closed, 0o755));
  return (dir, names) => {
    for (const name of [...names.map((it) => `${it}/d0/file`), 'file']) put(join(dir, name));
    const all = ['.', ...picture(dir).map((line) => line.split(' ')[0] as string)];
    closed = join(dir, names[1] ?? '');
    chmodSync(closed, 0o555);
    // Where reading is noted at all (relatime), it is noted for what was changed since it was last read.
    for (const name of all) utimesSync(join(dir, name), 1, Date.now() / 1_000);
    const portrait = () => all.map((name) => lookOf(join(dir, name)));
    const before = portrait();
    const untouched = () => {
      assert.deepEqual(portrait(), before);
      // In the end: reading them is what nobody else may do.
      assert.deepEqual(['.', ...picture(dir).map((line) => line.split(' ')[0])], all);
    };
    return { dir, untouched };
  };
}

/** Its files have their content still. Reads them: at the very end. */
export function isWhole({ dir }: Canary): void {
  for (const line of picture(dir)) {
    const [name = ''] = line.split(' ');
    if (name.endsWith('file')) assert.equal(readFileSync(join(dir, name), 'utf8'), 'content');
  }
}

/** All that a change would change. Also a file's atime, which reading it would; not a directory's: walks that only look go by path. */
function lookOf(path: string): string {
  const stat = lstatSync(path);
  const { mode, size, ino, nlink, mtimeMs, ctimeMs } = stat;
  const readAt = stat.isDirectory() && GO_BY_PATH ? '' : stat.atimeMs;
  return `${path} ${mode.toString(8)} ${size} ${ino} ${nlink} ${readAt} ${mtimeMs} ${ctimeMs}`;
}

/** False once all walks go by descriptors (src/tree): then no directory outside is read either. */
const GO_BY_PATH = true;
