// A process in a time of its own: its clock stands still until it is told to go on, and files are as old as that clock says.
// Real files in real directories: ctime cannot be set, so the code under test, which looks at files through the one door
// `#src/fs.js`, is told for each real time the hour of our clock that it fell into. Nothing else is pretended. The real clock
// is read nowhere, or a slow machine would be another world: trees looked through by find(1), which knows real
// times alone; processes that seem to have begun earlier.
import { closeSync, fstatSync, futimesSync, openSync, type Stats, unlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import timers from 'node:timers/promises';
import { fs } from '#src/fs.js';

export interface OwnTime {
  now(): number;
  /** Time passes. Files made or touched from now on are younger than those before. */
  pass(ms: number): void;
  /** The clock is set, back or forth; `uptime` goes on. */
  jump(ms: number): void;
  /** The machine boots now, and this process begins. */
  boot(): void;
  bootedAt(): number;
  /** What a real time of a file, ms since 1970, is on our clock. */
  at(realMs: number): number;
  undo(): void;
}

/** Starts at the real time. `probe` is a path for a file that tells the file system's clock. */
export function ownTime(probe: string): OwnTime {
  const real = { Date, uptime: os.uptime, age: process.uptime, pause: timers.setTimeout, ...fs };
  const fd = openSync(probe, 'w');
  /** From this real time on it was that hour. */
  const marks = [{ realMs: 0, ours: real.Date.now() - 30 * 86_400_000 }];
  let now = real.Date.now();
  let runsSince = now - real.uptime() * 1_000;
  const mark = () => marks.push({ realMs: tick(fd, marks.at(-1)?.realMs ?? 0), ours: now });
  const at = (realMs: number): number => {
    let low = 0;
    for (let high = marks.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((marks[middle]?.realMs ?? Infinity) <= realMs) low = middle;
      else high = middle;
    }
    return marks[low]?.ours ?? 0;
  };
  const told = <T extends Stats | undefined>(stat: T): T => {
    if (stat)
      for (const time of ['atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs'] as const)
        stat[time] = at(stat[time]);
    return stat;
  };
  mark();
  globalThis.Date = class extends real.Date {
    constructor(...args: []) {
      super(...(args.length > 0 ? args : ([now] as unknown as [])));
    }
    static override now = () => now;
  } as DateConstructor;
  os.uptime = () => (now - runsSince) / 1_000;
  // Loops give way by this clock. It goes on with each look at it: where they do is the same on every machine.
  let looks = 0;
  process.uptime = () => {
    looks += 1;
    return (looks * LOOK_MS) / 1_000;
  };
  // Whoever pauses finds that so much of it is over, at once.
  timers.setTimeout = ((ms = 0, value?: unknown) => {
    looks += ms / LOOK_MS;
    return new Promise((resolve) => setImmediate(resolve, value));
  }) as never;
  performance.now = () => 0; // whoever asks it whether time is up has time
  syncBuiltinESMExports();
  for (const name of ['lstatSync', 'statSync', 'fstatSync'] as const) {
    const look = real[name] as (...args: unknown[]) => Stats;
    fs[name] = ((...args: unknown[]) => told(look(...args))) as never;
  }
  return {
    now: () => now,
    pass: (ms) => {
      now += ms;
      mark();
    },
    jump: (ms) => {
      now += ms;
      runsSince += ms;
      mark();
    },
    boot: () => {
      runsSince = now;
      looks = 0;
    },
    bootedAt: () => runsSince,
    at,
    undo: () => {
      globalThis.Date = real.Date;
      os.uptime = real.uptime;
      process.uptime = real.age;
      timers.setTimeout = real.pause;
      Reflect.deleteProperty(performance, 'now');
      syncBuiltinESMExports();
      const { lstatSync, statSync, fstatSync } = real;
      Object.assign(fs, { lstatSync, statSync, fstatSync });
      closeSync(fd);
      unlinkSync(probe);
    },
  };
}

const LOOK_MS = 0.5;

/** Waits until the file system's clock, which ticks in milliseconds, has gone on; gives its time. */
function tick(fd: number, since: number): number {
  const scratch = () => {
    futimesSync(fd, 0, 0); // sets ctime to its now
    return fstatSync(fd).ctimeMs;
  };
  const before = Math.max(scratch(), since);
  for (;;) {
    const after = scratch();
    if (after > before) return after;
  }
}
