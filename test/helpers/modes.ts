// The same tests for both ways to run: `TEST_MODE=exec` for the second (test/exec/as-attached.test.ts).
import { qwExec, qwRun } from './paths.js';

export const IS_EXEC = process.env['TEST_MODE'] === 'exec';

/** What is started as ours, with the words before its options. */
export const OURS: readonly [file: string, ...words: string[]] = IS_EXEC
  ? [qwExec]
  : [process.execPath, qwRun];

/** For `start` and `run`. */
export const BIN = IS_EXEC ? qwExec : qwRun;

/** For a test's `skip`: what only somebody who stays can do. */
export const onlyAttached = (why: string): string | false => IS_EXEC && `attached mode only: ${why}`;
