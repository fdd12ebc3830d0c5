// A thread may have a working directory, a root and descriptors to itself (unshare(2) with CLONE_FS, CLONE_FILES): /proc/PID shows
// those of the first one alone. Its root: see as-root/thread-root.test.ts.
import { describe, test } from 'node:test';
import { keptByThread } from '../helpers/in-a-thread.js';
import { noPython } from '../helpers/sockets.js';

describe('T stays while one thread has', { concurrency: 2, skip: noPython }, () => {
  for (const [what, kind = '', below = '', ...leave] of [
    ['its working directory', 'cwd', ''],
    ['an open file', 'file', 'held'],
    ['an open file by a number that means another one elsewhere', 'file-instead', 'held'],
    ['a bound socket', 'socket', 's'],
    ['an open file, and the first one has left', 'file', 'held', 'leave'],
    ['its working directory, and the first one has left', 'cwd', 'a', 'leave'],
  ])
    test(`${what}`, (t) => keptByThread(t, kind, below, ...leave));
});
