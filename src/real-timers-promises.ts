// As real-timers.ts, for `node:timers/promises`.
import { createRequire } from 'node:module';
import type * as Timers from 'node:timers/promises';

const timers: typeof Timers = createRequire(process.execPath)('node:timers/promises');

export const { setTimeout, setImmediate } = timers;
