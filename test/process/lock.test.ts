// Whether locks are held, asked of the system's flock: one child for many, and nobody to wait for.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { lockStates, makeLock } from '#src/process/lock.js';
import { childrenOf } from '../helpers/cli.js';
import { noFlock } from '../helpers/locks.js';
import { sandbox } from '../helpers/sandbox.js';

const skip = noFlock();

/** Held until the test ends, or `how` is `-s`: shared. */
async function hold(t: TestContext, file: string, how = '-x'): Promise<ChildProcess> {
  const child = spawn('flock', [how, file, 'sh', '-c', 'echo ready; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  t.after(() => process.kill(-(child.pid as number), 'SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

const put = (file: string): string => {
  writeFileSync(file, '');
  return file;
};
/** However slow the machine is, they are told. */
const statesOf = (files: string[]) => lockStates(files, 600_000);
const descriptors = () => readdirSync('/proc/self/fd').length;

describe('a lock', { skip }, () => {
  test('is held or free; shared ones of other readers keep nobody', async (t) => {
    const { cwd } = sandbox(t);
    const [held, free, shared] = ['held', 'free', 'shared'].map((name) => put(join(cwd, name))) as [
      string,
      string,
      string,
    ];
    await hold(t, held);
    await hold(t, shared, '-s');
    assert.deepEqual([...(await statesOf([held, free, shared])).values()], ['held', 'free', 'free']);
  });

  test('is unknown where there is no file of ours: nothing is opened that could lead elsewhere or block', async (t) => {
    const { cwd } = sandbox(t);
    const at = (name: string) => join(cwd, name);
    await hold(t, put(at('held')));
    symlinkSync(at('held'), at('link'));
    symlinkSync(at('nowhere'), at('dangling'));
    mkdirSync(at('directory'));
    spawnSync('mkfifo', [at('fifo')]);
    const names = ['missing', 'link', 'dangling', 'directory', 'fifo', 'held/below'];
    const before = descriptors();
    assert.deepEqual(
      [...(await statesOf(names.map(at))).values()],
      names.map(() => 'unknown'),
    );
    assert.equal(descriptors(), before);
  });

  test('by another name is the same lock, a copy is not', async (t) => {
    const { cwd } = sandbox(t);
    const held = put(join(cwd, 'held'));
    await hold(t, held);
    linkSync(held, join(cwd, 'name'));
    spawnSync('cp', [held, join(cwd, 'copy')]);
    const states = await statesOf([join(cwd, 'name'), join(cwd, 'copy')]);
    assert.deepEqual([...states.values()], ['held', 'free']);
  });

  test('of many each has its own answer, and no child or descriptor is left', async (t) => {
    const { cwd } = sandbox(t);
    const files = Array.from({ length: 250 }, (_, at) => put(join(cwd, `${at}`)));
    await hold(t, files[7] as string);
    await hold(t, files[249] as string);
    const [before, children] = [descriptors(), childrenOf(process.pid).length];
    const states = await statesOf([...files, files[7] as string]);
    assert.deepEqual(
      [...states].filter(([, state]) => state !== 'free'),
      [
        [files[7], 'held'],
        [files[249], 'held'],
      ],
    );
    assert.deepEqual([descriptors(), childrenOf(process.pid).length], [before, children]);
  });

  test('is unknown when the answer takes too long', async (t) => {
    const { cwd } = sandbox(t);
    const held = put(join(cwd, 'held'));
    await hold(t, held);
    const asked = lockStates([held], 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // due before anybody could hear the child
    assert.deepEqual([...(await asked).values()], ['unknown']);
  });
});

describe('the file of a lock', { skip }, () => {
  test('is private and made once; one of ours is fine', (t) => {
    const { cwd } = sandbox(t);
    const file = join(cwd, 'lock');
    const mask = process.umask(0o777);
    t.after(() => process.umask(mask));
    assert.equal(makeLock(file), true);
    const { ino, mode } = statSync(file);
    assert.equal(mode & 0o777, 0o600);
    assert.deepEqual([makeLock(file), statSync(file).ino], [true, ino]);
  });

  test('is not to be had where something else has its name, or nothing can be made', (t) => {
    const { cwd } = sandbox(t);
    const at = (name: string) => join(cwd, name);
    symlinkSync(at('nowhere'), at('link'));
    symlinkSync(put(at('precious')), at('to-a-file'));
    spawnSync('mkfifo', [at('fifo')]);
    mkdirSync(at('directory'));
    for (const name of ['link', 'to-a-file', 'fifo', 'directory', 'missing/lock'])
      assert.equal(makeLock(at(name)), false, name);
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0o500);
    const isMade = makeLock(at('closed/lock'));
    chmodSync(at('closed'), 0o700);
    if (process.getuid?.() !== 0) assert.equal(isMade, false);
    assert.deepEqual(readdirSync(cwd).sort(), [
      'closed',
      'directory',
      'fifo',
      'link',
      'precious',
      'to-a-file',
    ]);
  });
});
