// Kernel threads are left out of a look where the kernel tells them, and nobody else is.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { readStat } from '#src/process/identity.js';
import { listPids } from '#src/process/list-pids.js';

const skip = process.platform !== 'linux' && 'no procfs';
const all = () => readdirSync('/proc').map(Number).filter(Boolean);

test('whoever is left out is a thread of the kernel, and we are not', { skip }, () => {
  const before = all();
  const listed = new Set(listPids());
  const leftOut = before.filter((pid) => !listed.has(pid)).flatMap((pid) => readStat(pid) ?? []);
  assert.ok(leftOut.every(({ isKernelThread }) => isKernelThread));
  assert.ok(listed.has(process.pid) && listed.has(process.ppid));
});
