// When one look at the processes is enough: nobody came or went meanwhile, and nobody may be in the middle of an exec.
import assert from 'node:assert/strict';
import { beforeEach, describe, type TestContext, test } from 'node:test';
import { NOBODY } from '#src/belong/evidence.js';
import { endMembers, type Look } from '#src/end/end-members.js';
import { fs } from '#src/fs.js';
import { takeTable } from '#src/process/take-table.js';
import { FIRST_PID, type OwnProcesses, ownProcesses } from '../helpers/own-processes.js';

const [A, B] = [FIRST_PID + 1, FIRST_PID + 2];
const isSettled = async () => (await takeTable({ roots: ['/nowhere'] })).isSettled;

describe('a look at the processes', () => {
  let world: OwnProcesses;
  beforeEach((t) => {
    world = ownProcesses();
    (t as TestContext).after(() => world.undo());
    world.table.set(A, { pid: A, startTime: 1 });
  });

  /** Calls `change` when the pids are listed for the second time. */
  const atTheEnd = (change: () => void) => {
    const list = fs.readdirSync;
    let times = 0;
    Object.assign(fs, {
      readdirSync: (...args: Parameters<typeof list>) => {
        if (args[0] === '/proc' && ++times === 2) change();
        return list(...args);
      },
    });
  };

  test('is settled when all is as before', async () => assert.equal(await isSettled(), true));

  test('is not when somebody was born meanwhile', async () => {
    atTheEnd(() => world.table.set(B, { pid: B, startTime: 2 }));
    assert.equal(await isSettled(), false);
  });

  test('is not when somebody died meanwhile: whom it forked last may have been missed', async () => {
    world.table.set(B, { pid: B, startTime: 2 });
    atTheEnd(() => world.table.delete(B));
    assert.equal(await isSettled(), false);
  });

  test('is not when one cannot be read: it may be in the middle of an exec', async () => {
    world.table.set(B, { pid: B, startTime: 2, isUnreadable: true });
    assert.equal(await isSettled(), false);
  });
});

describe('the end of nobody', () => {
  const looks = async (settled: boolean[]): Promise<number> => {
    let count = 0;
    const look = async (): Promise<Look> => ({
      ...NOBODY,
      isSettled: settled[count++] ?? false,
      inSession: () => [],
    });
    await endMembers({ look, graceMs: 1_000 });
    return count;
  };

  test('takes one look that is settled', async () => assert.equal(await looks([true]), 1));
  test('takes two that are not', async () => assert.equal(await looks([false, false]), 2));
  test('takes a second one after one that is not', async () => assert.equal(await looks([false, true]), 2));
});
