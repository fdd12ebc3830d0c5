// Where a program is looked for, as exec does it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programPaths } from '#src/process/find-tool.js';

const rows: [what: string, file: string, cwd: string, PATH: string | undefined, paths: string[]][] = [
  ['in each directory of PATH', 'it', '/w', '/a:/b', ['/a/it', '/b/it']],
  ['relative directories are below the working directory', 'it', '/w', 'bin:/b', ['/w/bin/it', '/b/it']],
  ['an empty one is the working directory', 'it', '/w', ':/b', ['/w/it', '/b/it']],
  ['an empty PATH is the working directory', 'it', '/w', '', ['/w/it']],
  ['without PATH', 'it', '/w', undefined, ['/usr/bin/it', '/bin/it']],
  ['a path is not looked for', './it', '/w', '/a', ['/w/it']],
  ['an absolute path', '/x/it', '/w', '/a', ['/x/it']],
  ['no name', '', '/w', '/a', []],
  ['our own working directory, which may be gone', 'it', '', 'bin:/b', ['bin/it', '/b/it']],
];
for (const [what, file, cwd, PATH, paths] of rows)
  test(what, () => assert.deepEqual(programPaths(file, cwd, PATH === undefined ? {} : { PATH }), paths));
