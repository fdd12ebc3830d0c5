// Node's timers as they were when we were loaded: the bundle of the library takes these for the global ones
// (.bundle.mjs). Whoever tests a server may put a clock of their own in their place (node:test, jest, vitest,
// sinon); processes end by the real one, and an end would wait for good. Global ones may also be a browser's,
// which cannot be unref'd (jsdom).
import timers from 'node:timers';

export const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval } = timers;
export const { queueMicrotask } = globalThis;
