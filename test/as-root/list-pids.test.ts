// A helper that the kernel starts is root's and a child of kthreadd: for root no child of kthreadd is left out of a look.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { listPids } from '#src/process/list-pids.js';

test('for root nobody is left out', { skip: process.getuid?.() !== 0 && 'needs root' }, () => {
  const before = readdirSync('/proc').map(Number).filter(Boolean);
  const listed = new Set(listPids());
  const after = new Set(readdirSync('/proc'));
  assert.deepEqual(
    before.filter((pid) => after.has(`${pid}`) && !listed.has(pid)),
    [],
  );
});
