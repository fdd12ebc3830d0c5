// A small session is removed by who claimed it, also where nobody waits for the removal: starting another process for it takes longer.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { take } from '#src/take/take.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const skip = process.platform !== 'linux' && 'descriptors are names on Linux alone';
const lookAgain = async () => () => undefined;

for (const [what, files, handOvers] of [
  ['small: at once', 3, 0],
  ['large: handed over', 100, 1],
] as const)
  test(`a session that is ${what}`, { skip }, async (t) => {
    const { root } = scene(t).box;
    const path = join(root, 'abcd1234');
    put(join(path, 'lease.json'));
    for (let n = 0; n < files; n += 1) put(join(path, `tmp/${n}`));
    const handed: number[] = [];
    const trash = join(root, '.trash');
    const handOver = () => {
      for (const name of readdirSync(trash)) handed.push(readdirSync(join(trash, name, 'tmp')).length);
    };
    const [taken] = await take([{ kind: 'session', path, base: root }], { lookAgain, handOver });
    // Whole: whoever enters it before it is removed gets it back as it was.
    assert.deepEqual([taken?.outcome, handed], ['removed', handOvers === 0 ? [] : [files]]);
    assert.equal(readdirSync(trash).length, handOvers);
  });
