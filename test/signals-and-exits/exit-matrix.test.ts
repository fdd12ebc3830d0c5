// The heart: how qw-run ends when the agent, the wrapper or both end in any way, without and in a terminal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { named } from '../helpers/leases.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { readyPid, scene } from '../helpers/scene.js';
import { type Ending, inTerminal, type Seat, type Seated, withoutTerminal } from '../helpers/seat.js';

type How = 'exit 0' | 'exit 7' | NodeJS.Signals;
type Target = 'the child' | 'the wrapper' | 'both';
/** `goes on`: the terminal's own signal, which reached the child without us. */
type Expected = Ending | 'goes on';

/** What happens, to whom, and how the wrapper ends: without a terminal, in one. */
const MATRIX: [How, Target, Expected, Expected][] = [
  ['exit 0', 'the child', 0, 0],
  ['exit 7', 'the child', 7, 7],
  ['SIGTERM', 'the child', 'SIGTERM', 'SIGTERM'],
  ['SIGTERM', 'the wrapper', 'SIGTERM', 'SIGTERM'],
  ['SIGTERM', 'both', 'SIGTERM', 'SIGTERM'],
  ['SIGINT', 'the child', 'SIGINT', 'SIGINT'],
  ['SIGINT', 'the wrapper', 'SIGINT', 'goes on'],
  ['SIGINT', 'both', 'SIGINT', 'SIGINT'],
  ['SIGHUP', 'the child', 'SIGHUP', 'SIGHUP'],
  ['SIGHUP', 'the wrapper', 'SIGHUP', 'SIGHUP'],
  ['SIGHUP', 'both', 'SIGHUP', 'SIGHUP'],
  ['SIGQUIT', 'the child', 131, 131],
  ['SIGQUIT', 'the wrapper', 131, 'goes on'],
  ['SIGQUIT', 'both', 131, 131],
  ['SIGKILL', 'the child', 'SIGKILL', 'SIGKILL'],
  ['SIGKILL', 'the wrapper', 'SIGKILL', 'SIGKILL'],
  ['SIGKILL', 'both', 'SIGKILL', 'SIGKILL'],
  ['SIGSEGV', 'the child', 139, 139],
  ['SIGSEGV', 'the wrapper', 'SIGSEGV', 'SIGSEGV'],
  ['SIGSEGV', 'both', 'SIGSEGV', 'SIGSEGV'],
];

describe('how the wrapper ends, and what it leaves', { concurrency: 2 }, () => {
  for (const [how, target, alone, seated] of MATRIX) {
    const cases = [
      { name: 'no terminal', seat: withoutTerminal, expected: alone },
      { name: 'terminal', seat: inTerminal, expected: seated },
    ];
    for (const { name, seat, expected } of cases)
      test(`${how} to ${target}, ${name}: ${expected}`, (t) => play(t, { how, target, seat, expected }));
  }
});

test('a core of ours would be seen', { skip: noCores() }, (t) => {
  const { options } = scene(t);
  const { signal } = spawnSync('sh', ['-c', `${UNLIMITED} kill -SEGV $$`], options);
  assert.equal(signal, 'SIGSEGV');
  assert.equal(readdirSync(options.cwd).length, 1);
});

interface Play {
  how: How;
  target: Target;
  seat: Seat;
  expected: Expected;
}

async function play(t: TestContext, { how, target, seat, expected }: Play): Promise<void> {
  const stage = scene(t);
  const place = join(stage.box.dir, 'child');
  mkdirSync(place);
  const isExit = how.startsWith('exit');
  const agent = ['sh', fixture('die-as-told.sh'), place, isExit ? how.slice('exit '.length) : '99'];
  const wrapper = seat(t, stage, [...WITH_CORES, process.execPath, qwRun, ...agent]);
  const child = await readyPid(wrapper.says);
  await named(stage.box);

  const receiver = { 'the child': child, 'the wrapper': wrapper.pid, both: -wrapper.pid }[target];
  kill(receiver, isExit ? 'SIGUSR2' : (how as NodeJS.Signals));

  if (expected === 'goes on') {
    await assertUntouched(wrapper);
    return stage.nothingLeft();
  }
  assert.equal(await wrapper.end, expected, wrapper.output());
  if (target === 'the child' || !isUncatchable(how)) return stage.nothingLeft();

  // In a terminal the kernel hangs up on the agent when the wrapper, the leader of the session, dies.
  if (target === 'the wrapper' && seat === withoutTerminal) {
    assert.ok(isAlive(child), 'the agent lives on');
    assert.equal(stage.box.left().length, 1, 'and so does its session');
    kill(child, 'SIGKILL');
  }
  // A core of the wrapper is the kernel's doing where SIGSEGV was sent to it.
  await stage.nothingLeftSoon(how === 'SIGSEGV' ? readdirSync(stage.box.cwd).filter(isCore) : []);
}

/** The signal was neither forwarded (the agent would be dead) nor counted (SIGTERM would be the second: SIGKILL). */
async function assertUntouched(wrapper: Seated): Promise<void> {
  kill(wrapper.pid, 'SIGUSR1');
  await wrapper.says(/answered/);
  kill(wrapper.pid, 'SIGTERM');
  assert.equal(await wrapper.end, 'SIGTERM', wrapper.output());
}

const isUncatchable = (how: How) => how === 'SIGKILL' || how === 'SIGSEGV';
const isCore = (name: string) => /^core\b/.test(name);

function noCores(): string | false {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (/[|/%]/.test(pattern)) return `cores go to ${pattern}, not to the working directory`;
  const limit = spawnSync('sh', ['-c', 'ulimit -H -c'], { encoding: 'utf8' }).stdout.trim();
  return limit === 'unlimited' ? false : `cores are limited to ${limit}`;
}

const UNLIMITED = 'ulimit -c unlimited 2>/dev/null;';
const WITH_CORES = ['sh', '-c', `${UNLIMITED} exec "$@"`, 'sh'];
