// Kernel threads are left out of a look where the kernel tells them, and nobody else is. For root nobody is: a helper that the
// kernel starts is root's and a child of kthreadd (test/as-root runs this file as root).
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { readStat } from '#src/process/identity.js';
import { listPids } from '#src/process/list-pids.js';

const skip = process.platform !== 'linux' && 'no procfs';
const isRoot = process.getuid?.() === 0;
const all = () => readdirSync('/proc').map(Number).filter(Boolean);

test(`whoever is left out is a thread of the kernel: ${isRoot ? 'nobody for root' : 'not we'}`, {
  skip,
}, () => {
  const before = all();
  const listed = new Set(listPids());
  const after = new Set(all());
  const leftOut = before.filter((pid) => after.has(pid) && !listed.has(pid));
  if (isRoot) assert.deepEqual(leftOut, []);
  assert.ok(leftOut.flatMap((pid) => readStat(pid) ?? []).every(({ isKernelThread }) => isKernelThread));
  assert.ok(listed.has(process.pid) && listed.has(process.ppid));
});
