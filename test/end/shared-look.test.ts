// Sessions that end together share their looks: never one that had begun before it was asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedLook } from '#src/end/shared-look.js';
import { NO_LOOK, type ProcessTable } from '#src/process/table.js';

/** Looks that end when they are told to. */
function looks() {
  const begun: { earlier: unknown; end(table?: ProcessTable | Error): void }[] = [];
  const take = (_watch: unknown, earlier?: unknown) =>
    new Promise<ProcessTable>((resolve, reject) => {
      const end = (table: ProcessTable | Error = { ...NO_LOOK }) =>
        table instanceof Error ? reject(table) : resolve(table);
      begun.push({ earlier, end });
    });
  return { begun, look: sharedLook(['/r'], take) };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('who asks in the same turn shares one; who asks later gets one that begins later', async () => {
  const { begun, look } = looks();
  const [a, b] = [look(false), look(false)];
  await turn();
  assert.equal(begun.length, 1);
  const [c, d] = [look(false), look(false)];
  await turn();
  assert.equal(begun.length, 1, 'one at a time');
  begun[0]?.end();
  assert.equal(await a, await b);
  await turn();
  assert.equal(begun.length, 2);
  begun[1]?.end();
  assert.equal(await c, await d);
  assert.notEqual(await a, await c);
});

test('it builds on the last one only where all have just looked', async () => {
  const { begun, look } = looks();
  const first = look(false);
  await turn();
  begun[0]?.end();
  const table = await first;
  const both = [look(true), look(true)];
  await turn();
  assert.equal(begun[1]?.earlier, table);
  begun[1]?.end();
  await Promise.all(both);
  const mixed = [look(true), look(false)];
  await turn();
  assert.equal(begun[2]?.earlier, undefined);
  begun[2]?.end();
  await Promise.all(mixed);
});

test('one that fails fails for those who asked for it, and not for the next', async () => {
  const { begun, look } = looks();
  const failing = [look(false), look(false)];
  await turn();
  const next = look(false);
  begun[0]?.end(new Error('no descriptors'));
  for (const one of failing) await assert.rejects(one, /no descriptors/);
  await turn();
  begun[1]?.end();
  await next;
});
