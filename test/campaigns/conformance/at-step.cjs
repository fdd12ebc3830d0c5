// Preloaded into any Node program (NODE_OPTIONS=--require): notes each synchronous call that changes files or processes, one
// line each in the file `log`, and dies or fails at one of them. STEP is JSON: `at` (number of the call) or `call` (a pattern for
// its text) says where; without `error` the process is SIGKILLed there, else the call fails with it, once or (`on`) from there on.
// Calls are counted from the first that matches `since`.
// With `stop` it is SIGSTOPped instead, `before` the call or `after` it, and goes on when it is continued. With `reads` the calls
// that only look are meant instead. What this process starts inherits nothing of it.
const fs = require('node:fs');
const programs = require('node:child_process');
const { errno } = require('node:os').constants;

const {
  log,
  at = 0,
  call,
  error,
  on = false,
  reads = false,
  stop,
  since = '',
} = JSON.parse(process.env.STEP);
for (const name of ['STEP', 'NODE_OPTIONS']) delete process.env[name];
const { openSync, readlinkSync, writeSync } = fs;
const { kill } = process;
const file = openSync(log, 'a');
const wanted = call && new RegExp(call);
let steps = 0;
let hasHit = false;
let hasBegun = false;

const CHANGES =
  'appendFileSync chmodSync fchmodSync fsyncSync futimesSync linkSync lutimesSync mkdirSync openSync renameSync rmdirSync unlinkSync writeFileSync writeSync';
const READS =
  'existsSync fstatSync lstatSync openSync readFileSync readSync readdirSync readlinkSync opendirSync statSync';
gate(fs, (reads ? READS : CHANGES).split(' '));
if (reads) gate(fs.realpathSync, ['native']);
else gate(process, ['kill']);
if (!reads) gate(programs, ['spawn'], failToSpawn);
require('node:module').syncBuiltinESMExports();

function gate(object, names, fail = throwIt) {
  for (const name of names) {
    const real = object[name];
    object[name] = function (...args) {
      if (!isMeant(name, args)) return real.apply(this, args);
      const text = `${name} ${objects(name, args)}`;
      writeSync(file, `${JSON.stringify(text)}\n`);
      hasBegun ||= new RegExp(since).test(text);
      if (hasBegun) steps += 1;
      const isHere = steps === at || (wanted?.test(text) && !hasHit);
      hasHit ||= isHere;
      if (!isHere && !(on && hasHit && (!wanted || wanted.test(text)))) return real.apply(this, args);
      if (stop) return stopAt(() => real.apply(this, args));
      if (!error) kill(process.pid, 'SIGKILL');
      if (name === 'kill') return real.apply(this, args); // none of these errors is kill(2)'s
      return fail(name, args, real);
    };
  }
}

/** The signal is here before kill(2) returns: of a process alone its first thread takes it. */
function stopAt(act) {
  if (stop === 'before') kill(process.pid, 'SIGSTOP');
  try {
    return act();
  } finally {
    if (stop === 'after') kill(process.pid, 'SIGSTOP');
  }
}

/** Writes to stdio and pipes are no changes, nor are looks whether a process is there. */
function isMeant(name, [first, second]) {
  if (name === 'openSync') return ((second & (fs.constants.O_WRONLY | fs.constants.O_CREAT)) === 0) === reads;
  if (name === 'writeSync' || name === 'writeFileSync') return typeof first === 'string' || first > 2;
  return name !== 'kill' || second !== 0;
}

function objects(name, [first, second]) {
  if (name === 'kill') return second;
  return name === 'renameSync' || name === 'linkSync' ? `${pathOf(first)} ${pathOf(second)}` : pathOf(first);
}

/** A descriptor's path, and that of what is named through one. */
function pathOf(it) {
  const path = typeof it === 'number' ? `/proc/self/fd/${it}` : `${it}`;
  return path.replace(/^\/proc\/self\/fd\/\d+/, (fd) => readlinkSync(fd));
}

function failure(name) {
  const code = error === 'EDQUOT' ? 'Unknown system error -122' : error; // libuv has no name for it
  return Object.assign(new Error(`${code}: put in its way, ${name}`), {
    code,
    errno: -errno[error],
    syscall: name,
  });
}

function throwIt(name) {
  if (name === 'existsSync') return false;
  throw failure(name);
}

/** As Node does it (child_process.js): some errors are emitted, the rest thrown; out of descriptors there are no streams either. */
function failToSpawn(name, [, ...rest], real) {
  const isEmitted = ['ENOENT', 'EACCES', 'EAGAIN'].includes(error);
  if (isEmitted) return real('/nonexistent', ...rest);
  if (error !== 'EMFILE') throw failure(name);
  const child = new programs.ChildProcess();
  process.nextTick(() => child.emit('error', failure(name)));
  return child;
}
