// What a server and its helper make of several requests at a time: each has its own deadline, is begun where it is still wanted, and is
// told all of its progress.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createHelpers } from '#src/helper/helpers.js';
import { HungError } from '#src/helper/process.js';
import type { AskOptions } from '#src/helper/protocol.js';
import { stop } from '../helpers/helper-process.js';
import { fixture } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { sandbox } from '../helpers/sandbox.js';
import { waitUntil } from '../helpers/wait-until.js';

const LONG = { deadlineMs: 60_000 };

/** A helper whose removals last until `release`. */
async function helper(t: TestContext) {
  let fd: number | undefined;
  const release = () => {
    fd ??= openSync(fifo, constants.O_RDWR); // from now on who opens it need not wait
  };
  t.after(() => {
    release();
    closeSync(fd as number);
  });
  const fifo = join(sandbox(t).dir, 'fifo');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  const helpers = createHelpers({ file: fixture('helper-as-told.mjs'), idleMs: 1 });
  const list = (input: { ms?: number; steps?: number }, options: AskOptions = LONG) =>
    helpers.ask<{ pid: number; names: string[] }>('list', input, options);
  const remove = (name: string, options: AskOptions = LONG) =>
    helpers.ask<{ most: number }>('remove', { name, until: fifo }, options);
  return { helpers, list, remove, release, pid: (await list({})).pid };
}

describe('each request has its own deadline', () => {
  test('a program that does nothing is given up by the largest of them', async (t) => {
    const { list, remove, release } = await helper(t);
    const removal = remove('one');
    await list({ ms: 4_000 }, { deadlineMs: 2_000 }); // far more than lies between two signs of life
    release();
    assert.deepEqual(await removal, { most: 1 });
  });

  test('one without a sign of life in it fails, the others are answered when it goes on', async (t) => {
    const { list, remove, release, pid, helpers } = await helper(t);
    const removal = remove('one');
    await waitUntil('it has begun', async () => (await list({})).names.length > 0);
    const letGo = helpers.keep();
    stop(t, pid);
    await assert.rejects(list({}, { deadlineMs: 300 }), {
      code: 'ERR_QW_HELPER',
      message: /no sign of life/,
    });
    kill(pid, 'SIGCONT');
    release();
    assert.deepEqual(await removal, { most: 1 });
    assert.deepEqual(helpers.troubles(), []);
    letGo();
  });
});

describe('removals', () => {
  test('those that failed while the helper stood still give their turn to others', async (t) => {
    const { list, remove, release, pid } = await helper(t);
    const first = remove('one');
    await waitUntil('it has begun', async () => (await list({})).names.length > 0);
    stop(t, pid);
    for (const name of ['two', 'three'])
      await assert.rejects(remove(name, { deadlineMs: 300 }), { message: /no sign of life/ });
    kill(pid, 'SIGCONT');
    const other = remove('wanted');
    await waitUntil('the other one has begun', async () => (await list({})).names.includes('wanted'));
    release();
    await Promise.all([first, other]);
    assert.deepEqual((await list({})).names, ['one', 'wanted']);
  });

  test('one that was withdrawn is not carried out when the helper goes on', async (t) => {
    const { list, remove, pid, release } = await helper(t);
    const answer = list({ ms: 1 }); // it is asked something, so it is not too silent to be asked at all
    stop(t, pid);
    const removal = remove('withdrawn', { ...LONG, beginMs: 50 });
    await assert.rejects(removal, { code: 'ERR_QW_HELPER', message: /busy/ });
    kill(pid, 'SIGCONT');
    await answer;
    const other = remove('wanted');
    await waitUntil('the other one has begun', async () => (await list({})).names.length > 0);
    assert.deepEqual((await list({})).names, ['wanted']);
    release();
    await other;
  });

  test('nor by the next helper, when that one dies', async (t) => {
    const { list, remove, pid, release, helpers } = await helper(t);
    const letGo = helpers.keep();
    stop(t, pid);
    await assert.rejects(remove('withdrawn', { ...LONG, beginMs: 50 }), /busy/);
    kill(pid, 'SIGKILL');
    const other = await waitUntil('there is another', async () => {
      const answer = await list({});
      return answer.pid === pid ? undefined : answer;
    });
    assert.deepEqual(other.names, []);
    letGo();
    release();
  });

  test('of one that hangs it is told; those behind it are as if never asked', async (t) => {
    const { list, remove, pid } = await helper(t);
    const options = { deadlineMs: 2_000, beginMs: 60_000 };
    const all = ['one', 'two', 'three'].map((name) => remove(name, options).catch((error: Error) => error));
    await waitUntil('two have begun', async () => (await list({})).names.length > 1);
    stop(t, pid);
    const [one, two, three] = await Promise.all(all);
    for (const hung of [one, two]) assert.ok(hung instanceof HungError, `${hung}`);
    assert.match(`${three}`, /busy/);
  });

  test('many at once: two of them run, the others are taken over', async (t) => {
    const { list, remove, release } = await helper(t);
    const names = Array.from({ length: 50 }, (_, at) => `${at}`);
    const all = names.map((name) => remove(name, { ...LONG, beginMs: 5_000 }));
    await list({ ms: 6_000 }); // none of them waits for so long without a word
    release();
    assert.deepEqual(Math.max(...(await Promise.all(all)).map(({ most }) => most)), 2);
    assert.deepEqual((await list({})).names, names);
  });
});

test('of progress that comes too fast the last word is told, before the answer', async (t) => {
  const { list } = await helper(t);
  const told: number[] = [];
  await list({ steps: 1_000 }, { ...LONG, onProgress: (at: number) => void told.push(at) });
  assert.deepEqual([told[0], told.at(-1)], [1, 1_000]);
  assert.ok(told.length < 1_000);
});
