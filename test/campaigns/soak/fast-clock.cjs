// For NODE_OPTIONS=--require: time goes `speed` times as fast since the real time `since` (variable FAST_CLOCK, JSON). Clock, uptime and timers
// of 10 s and more go by it; shorter ones wait for real processes and stay. On the disk there are real times only, and files are
// seen as old as our clock makes them: so ctime, which nobody can set, agrees. Whatever is started here lives in the same time, also where it is given an environment without anything of ours.
const fs = require('node:fs');
const os = require('node:os');
const programs = require('node:child_process');

const { FAST_CLOCK, TEST_MARK, NODE_OPTIONS } = process.env;
const { since, speed } = JSON.parse(FAST_CLOCK);
const LEAST_MS = 50;
const { now } = Date;
const { uptime } = os;
const ours = (real) => (real > since ? since + (real - since) * speed : real);
const real = (our) => (our > since ? since + (our - since) / speed : our);

globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length > 0 ? args : [ours(now())]));
  }
  static now = () => Math.round(ours(now()));
};
os.uptime = () => uptime() + (ours(now()) - now()) / 1_000;

for (const name of ['setTimeout', 'setInterval']) {
  const set = globalThis[name];
  globalThis[name] = (callback, ms, ...rest) =>
    set(callback, ms >= 10_000 ? Math.max(LEAST_MS, ms / speed) : ms, ...rest);
}

for (const name of ['lstatSync', 'statSync', 'fstatSync']) {
  const look = fs[name];
  fs[name] = (...args) => {
    const stat = look(...args);
    if (typeof stat?.mtimeMs === 'number')
      // not bigints: those are asked for another reason
      for (const time of ['atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs']) stat[time] = ours(stat[time]);
    return stat;
  };
}
for (const name of ['utimesSync', 'lutimesSync', 'futimesSync']) {
  const set = fs[name];
  fs[name] = (file, ...seconds) => set(file, ...seconds.map((it) => real(it * 1_000) / 1_000));
}

/** find(1) sees real times only: those it is told (`-newermt @seconds`) have to be real ones too. */
const inRealTime = (arg) =>
  /^@[\d.]+$/.test(arg) ? `@${(real(Number(arg.slice(1)) * 1_000) / 1_000).toFixed(6)}` : arg;

const inherited = { FAST_CLOCK, TEST_MARK, NODE_OPTIONS };
const { spawn } = programs;
programs.spawn = (file, ...rest) => {
  const args = Array.isArray(rest[0]) ? [rest.shift().map(file === 'find' ? inRealTime : String)] : [];
  const [options = {}] = rest;
  return spawn(file, ...args, { ...options, env: { ...(options.env ?? process.env), ...inherited } });
};
require('node:module').syncBuiltinESMExports();
