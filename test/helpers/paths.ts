// Where the things under test live. Tests run from .build/, always against the built package.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = fileURLToPath(new URL('../../', import.meta.url));
export const qwRun = join(repoRoot, 'dist/bin/qw-run.cjs');
export const qwExec = join(repoRoot, 'dist/bin/qw-exec');
export const qwTmp = join(repoRoot, 'dist/bin/qw-tmp.cjs');

/** A fixture program of `test/fixtures`, by file name. */
export const fixture = (name: string): string => join(repoRoot, 'test/fixtures', name);
