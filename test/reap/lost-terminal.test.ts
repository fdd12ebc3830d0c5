// When a terminal has leaked, and has nobody any more: the decision of src/reap/lost-terminal.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProcessStat } from '#src/process/process-stat.js';
import { terminalNumber } from '#src/process/terminal-masters.js';
import { isLeaked } from '#src/reap/lost-terminal.js';

const PTS_5 = (136 << 8) | 5;
const process = (pid: number, startTime: number): ProcessStat => ({
  pid,
  startTime,
  comm: 'sh',
  state: 'S',
  ppid: 1,
  pgrp: pid,
  session: pid,
  tpgid: -1,
});
const agent = { ...process(100, 1_000), terminal: PTS_5 };
const SIBLING = process(101, 1_000);
const LATER = process(102, 2_000);
const leaked = (
  having: ProcessStat[],
  { leaks = [101, 102], unreadable = [] as number[], ppid = 1, terminal = PTS_5 } = {},
) =>
  isLeaked(
    { ...agent, ppid, terminal },
    { holders: new Map([[5, having]]), unreadable: new Set(unreadable) },
    (pid) => leaks.includes(pid),
  );

describe('a terminal has leaked', () => {
  test('where only processes have it that are known to, and began with or after it', () => {
    assert.equal(leaked([SIBLING, LATER]), true);
    assert.equal(leaked([LATER], { unreadable: [1, 7] }), true);
    const [child, grandchild] = [
      { ...process(200, 2_000), ppid: 102 },
      { ...process(201, 2_000), ppid: 200 },
    ];
    assert.equal(leaked([grandchild, child, LATER]), true);
  });
  const table: [why: string, is: boolean][] = [
    ['nobody has it: the kernel has hung it up', leaked([])],
    [
      'somebody else has it, a child of his, too',
      leaked([LATER, process(200, 2_000), { ...process(201, 2_000), ppid: 200 }]),
    ],
    ['somebody else has it', leaked([LATER, process(200, 2_000)])],
    ['one of them is older: it may have opened it', leaked([LATER, process(101, 999)])],
    ['whoever started the agent cannot be read', leaked([LATER], { ppid: 7, unreadable: [7] })],
    ['it is another terminal', leaked([LATER], { terminal: PTS_5 + 1 })],
    ['it is no pseudo-terminal', leaked([LATER], { terminal: (4 << 8) | 5 })],
    ['there is none', leaked([LATER], { terminal: 0 })],
  ];
  for (const [why, is] of table) test(`not where ${why}`, () => assert.equal(is, false));
});

test('the number of a terminal', () => {
  assert.equal(terminalNumber(34_818), 2); // as /proc/PID/stat has /dev/pts/2
  assert.equal(terminalNumber((136 << 8) | 0x34 | (0x12 << 20)), 0x1234);
  assert.equal(terminalNumber(0), undefined);
});
