// A thread that has a root to itself in a session keeps it: chroot(2) is for root alone.
import { test } from 'node:test';
import { keptByThread } from '../helpers/in-a-thread.js';
import { noPython } from '../helpers/sockets.js';

const skip = noPython || (process.getuid?.() !== 0 && 'needs root');
test('T stays while one thread has its root there', { skip }, (t) => keptByThread(t, 'root', 'a'));
